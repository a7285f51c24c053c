import assert from "node:assert/strict";
import { refusalOf } from "../../../supabase/functions/_shared/deterministicFixPatterns/refusals.ts";
import { facts } from "../../helpers/facts.ts";

Deno.test("refusalOf() says why nobody mends a known failure, and nothing about an unknown one", () => {
  const why = (code: string, message: string, errorType = "") =>
    refusalOf(facts({ code, message, errorType }));
  assert.match(
    why("42501", 'new row violates row-level security policy for table "t"')!,
    /never added or opened/,
  );
  assert.match(why("PGRST116", "Cannot coerce the result to a single JSON object")!, /maybeSingle/);
  assert.match(why("", "The resource already exists", "object_exists")!, /another name/);
  assert.match(
    why("08P01", "bind message supplies 1 parameters, but prepared statement requires 0")!,
    /prepare: false/,
  );
  assert.equal(why("08P01", "invalid frontend message type"), null);
  assert.equal(why("", "anything"), null);
  assert.equal(why("", "anything", "constructor"), null);
});
