import assert from "node:assert/strict";
import {
  compareAsText,
  dependsOnRole,
  evaluateOnce,
  looksAtCaller,
  outerColumnsOf,
  subSelectsOf,
  tokensOf,
} from "../../../supabase/functions/_shared/fixActions/policies/expression.ts";

Deno.test("subSelectsOf() finds the outermost sub-selects, whatever stands in strings and names", () => {
  const text =
    `((note = '(SELECT 1)'::text) OR ("(SELECT" = 1) OR (EXISTS ( SELECT 1 FROM a WHERE (a.x IN ( SELECT b.x FROM b)))) OR (id = ANY ( SELECT c.id FROM c)))`;
  assert.deepEqual(subSelectsOf(text).map(({ use, text: inner }) => [use, inner]), [
    ["exists", "SELECT 1 FROM a WHERE (a.x IN ( SELECT b.x FROM b))"],
    ["values", "SELECT c.id FROM c"],
  ]);
  for (const { start, end } of subSelectsOf(text)) {
    assert.match(text.slice(start, end), /^(EXISTS )?\( SELECT[^]*\)$/);
  }
  assert.throws(() => subSelectsOf("( SELECT 1"), RangeError);
});

Deno.test("outerColumnsOf() tells the columns of the policy's table from aliases, calls and whole rows", () => {
  const columns = (text: string, table: string) =>
    outerColumnsOf(text, table)?.map(({ column }) => column) ?? null;
  assert.deepEqual(columns('SELECT 1 FROM t t_1 WHERE (t_1.a = t.b) AND (t."C" = 1)', "t"), ["b", "C"]);
  assert.deepEqual(columns("SELECT auth.uid() FROM public.auth", "auth"), []);
  assert.deepEqual(columns("SELECT 't.a' FROM x", "t"), []);
  assert.equal(columns("SELECT t.* FROM x", "t"), null);
});

Deno.test("evaluateOnce() wraps calls that stand alone, once", () => {
  const once = (text: string) => evaluateOnce(text, ["auth.uid", "public.caller"]);
  assert.equal(once("(a = auth.uid())"), "(a = ( SELECT auth.uid()))");
  assert.equal(once("(a = ( SELECT auth.uid() AS uid))"), "(a = ( SELECT auth.uid() AS uid))");
  assert.equal(once("(a = public.caller(x))"), "(a = public.caller(x))");
  assert.equal(once("(a = other.auth.uid())"), "(a = other.auth.uid())");
  assert.equal(once("(note = 'auth.uid()'::text)"), "(note = 'auth.uid()'::text)");
});

Deno.test("compareAsText() turns an equality with the caller's id, and nothing else", () => {
  assert.deepEqual(compareAsText("((uid)::uuid = auth.uid())"), {
    text: "(uid = (auth.uid())::text)",
    columns: ["uid"],
  });
  assert.deepEqual(compareAsText('(auth.uid() = ("U")::uuid)'), {
    text: '("U" = (auth.uid())::text)',
    columns: ["U"],
  });
  for (
    const text of ["((uid)::uuid <> auth.uid())", "((uid)::uuid = other)", "(lower(uid)::uuid = auth.uid())"]
  ) {
    assert.deepEqual(compareAsText(text), { text, columns: [] });
  }
});

Deno.test("looksAtCaller() and dependsOnRole() read code, not text", () => {
  assert.ok(looksAtCaller("SELECT 1 WHERE (user_id = ( SELECT auth.uid() AS uid))"));
  assert.ok(!looksAtCaller("SELECT 1 WHERE (auth_uid = 1)"));
  assert.ok(dependsOnRole("(CURRENT_USER = 'x'::name)"));
  assert.ok(!dependsOnRole("(note = 'CURRENT_USER'::text)"));
  assert.ok(!dependsOnRole("(user_id = auth.uid())"));
});

Deno.test("tokensOf() takes any text apart without losing a place", () => {
  for (const text of ["", "E'a\\'b' c", "'it''s'", '"a""b".c', "é.ü = 1", "'open"]) {
    for (const { text: token, start, end } of tokensOf(text)) assert.equal(text.slice(start, end), token);
  }
});
