import assert from "node:assert/strict";
import { closest, similarity } from "../../../scripts/stack/similarity.ts";

Deno.test("similarity() is 1 for equal names and 0 for names that share nothing", () => {
  assert.equal(similarity("Capture", "capture"), 1);
  assert.equal(similarity("abc", "xyz"), 0);
  assert.equal(similarity("", ""), 1);
  // The edit distance of these two is 3, the longer has 7 letters.
  assert.equal(similarity("kitten", "sitting"), 1 - 3 / 7);
});

Deno.test("closest() names the best candidate, or none when none is near enough", () => {
  assert.equal(closest("capture_eror", ["capture_errors", "claim_errors"], 0.75), "capture_errors");
  assert.equal(closest("x", ["capture_errors"], 0.75), undefined);
  assert.equal(closest("x", [], 0), undefined);
});

Deno.test("closest() answers for a name of a million letters at once", () => {
  assert.equal(closest("a".repeat(1_000_000), ["capture_errors"], 0.75), undefined);
});
