import assert from "node:assert/strict";
import { missingSchema as rule } from "../../../supabase/functions/_shared/deterministicFixPatterns/missingSchema.ts";
import { facts } from "../../helpers/facts.ts";

Deno.test("missing_schema proposes the schema that the error names", () => {
  assert.deepEqual(rule.propose(facts()), { kind: "create_schema", schema: "shop" });
});

Deno.test("missing_schema keeps away from names that need quotes and from other errors", () => {
  for (
    const message of [
      'schema "My Shop" does not exist',
      'schema "x"; drop table y; --" does not exist',
      'relation "shop" does not exist',
    ]
  ) {
    assert.equal(rule.propose(facts({ message })), null, message);
  }
  assert.equal(rule.propose(facts({ code: "42P01" })), null);
});
