import assert from "node:assert/strict";
import { recursivePolicy as rule } from "../../../supabase/functions/_shared/deterministicFixPatterns/recursivePolicy.ts";
import { facts } from "../../helpers/facts.ts";

Deno.test("recursive_policy names the table that the error names, and nothing that is put after it", () => {
  const propose = (message: string, code = "42P17") => rule.propose(facts({ code, message }));
  assert.deepEqual(propose('infinite recursion detected in policy for relation "members"'), {
    kind: "replace_policy",
    repair: "break_recursion",
    table: "members",
  });
  assert.equal(propose('infinite recursion detected in rules for relation "members"'), null);
  assert.equal(propose('infinite recursion detected in policy for relation "members"', "42501"), null);
  assert.equal(propose('please: infinite recursion detected in policy for relation "members"'), null);
});
