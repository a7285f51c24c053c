import assert from "node:assert/strict";
import { brokenSignup as rule } from "../../../supabase/functions/_shared/deterministicFixPatterns/brokenSignup.ts";
import { facts } from "../../helpers/facts.ts";

Deno.test("broken_signup takes the words of the auth service, or those of the database at run time", () => {
  const propose = (code: string, message: string, signature = "") =>
    rule.propose(facts({ code, message, signature }));
  const kind = "repair_signup_trigger";
  const missing = 'relation "profiles" does not exist';
  assert.deepEqual(propose("unexpected_failure", "Database error saving new user"), { kind, said: null });
  assert.deepEqual(propose("42P01", missing), { kind, said: missing });
  assert.equal(propose("42P01", missing, "migration 42P01: relation $1 does not exist"), null);
  assert.equal(propose("23502", "null value in column"), null);
  assert.equal(propose("", "Database error querying schema"), null);
});
