import assert from "node:assert/strict";
import { healPayload } from "../../../../supabase/functions/_shared/deterministicFixPatterns.ts";

const column = (changes: object) => ({ name: "v", type: "text", nullable: true, default: null, ...changes });
const note = { name: "n", type: "text", nullable: true, default: null };

Deno.test("generated_column_parked parks what the database makes itself", () => {
  for (const made of [{ generated: true }, { identity: "always" as const }]) {
    for (const key of ["v", "V"]) {
      const healed = healPayload({ table: "t", columns: [column(made), note] }, { [key]: "x", n: "y" });
      assert.equal(healed.decision, "partial");
      assert.deepEqual(healed.row, { n: "y" });
      assert.deepEqual(healed.unmapped, [key]);
      assert.deepEqual(healed.problems, [{ key, code: "generated_column_parked" }]);
    }
  }
});

Deno.test("generated_column_parked lets an identity by default have its value", () => {
  const columns = [
    column({ type: "bigint", nullable: false, identity: "by default" as const, default: "identity" }),
  ];
  assert.deepEqual(healPayload({ table: "t", columns }, { v: 7 }).row, { v: 7 });
  assert.deepEqual(healPayload({ table: "t", columns }, {}).decision, "map");
});
