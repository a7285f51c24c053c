import assert from "node:assert/strict";
import { Memo } from "../../../supabase/functions/_shared/core/memo.ts";

Deno.test("Memo keeps so many entries, and the oldest goes first", () => {
  const memo = new Memo<number>({ mostEntries: 2, longestKey: 10 });
  for (const [index, key] of ["a", "b", "a", "c"].entries()) memo.set(key, index);
  assert.deepEqual([memo.get("a"), memo.get("b"), memo.get("c"), memo.size], [undefined, 1, 3, 2]);
});

Deno.test("Memo keeps nothing under a key that is too long", () => {
  const memo = new Memo<number>({ mostEntries: 2, longestKey: 3 });
  memo.set("abcd", 1);
  assert.deepEqual([memo.get("abcd"), memo.size], [undefined, 0]);
});
