import assert from "node:assert/strict";
import { staleSchemaCache as rule } from "../../../supabase/functions/_shared/deterministicFixPatterns/staleSchemaCache.ts";
import { facts } from "../../helpers/facts.ts";

Deno.test("stale_schema_cache reads what the interface did not find", () => {
  const propose = (code: string, message: string) => rule.propose(facts({ code, message }));
  const kind = "reload_schema_cache";
  const none = { kind, schema: null, part: null, arguments: [] };
  assert.deepEqual(propose("PGRST204", "Could not find the 'note' column of 'orders' in the schema cache"), {
    ...none,
    missing: "column",
    name: "orders",
    part: "note",
  });
  assert.deepEqual(
    propose("PGRST202", "Could not find the function public.total(a, b) in the schema cache"),
    {
      ...none,
      missing: "function",
      schema: "public",
      name: "total",
      arguments: ["a", "b"],
    },
  );
  assert.equal(propose("PGRST203", "Could not choose the best candidate function between: a, b"), null);
  assert.equal(propose("42703", "Could not find the 'note' column of 'orders' in the schema cache"), null);
  assert.equal(propose("PGRST204", "Column 'note' of relation 'orders' does not exist"), null);
});
