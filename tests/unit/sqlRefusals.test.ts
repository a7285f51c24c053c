import assert from "node:assert/strict";
import { refusalOf } from "../../supabase/functions/_shared/deterministicFixPatterns/refusals.ts";
import { sqlRefusalOf } from "../../supabase/functions/_shared/healingEngine/sqlRefusals.ts";
import { facts } from "../helpers/facts.ts";

Deno.test("sqlRefusalOf() tells failures of one code apart, each with what is true of it", () => {
  const cases: [code: string, message: string, words: RegExp][] = [
    ["23P01", 'conflicting key value violates exclusion constraint "x"', /another time or place/],
    ["23P01", 'could not create exclusion constraint "x"', /rows that exist/],
    ["P0001", "limit reached", /that is an answer/],
    ["23514", 'no partition of relation "ev" found for row', /make the one/],
    ["22P05", "unsupported Unicode escape sequence", /zero byte/],
    ["42703", 'record "new" has no field "updated_at"', /the row is innocent/],
    ["42703", 'column "status" of relation "log" does not exist', /the row is innocent/],
  ];
  for (const [code, message, words] of cases) {
    assert.match(sqlRefusalOf({ code, message, signature: "42703" })!, words, message);
  }
  assert.equal(sqlRefusalOf({ code: "23514", message: "new row violates check", signature: "" }), null);
});

Deno.test("refusalOf() speaks of policies only where they lead back to their table", () => {
  const why = (message: string) => refusalOf(facts({ code: "42P17", message }));
  assert.match(why('infinite recursion detected in policy for relation "m"')!, /lead back/);
  assert.equal(why('partition "b" would overlap partition "a"'), null);
});
