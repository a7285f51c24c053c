import assert from "node:assert/strict";
import { isHealingError } from "../../supabase/functions/_shared/core/errors.ts";
import type { HealingPattern } from "../../supabase/functions/_shared/healingDb.ts";
import { createResilientDb } from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import { SelfHealingLoop } from "../../supabase/functions/_shared/selfHealingLoop.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { callerOf } from "../helpers/writers.ts";

async function withThings(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await database.query(`
    create table things (id int primary key, ref uuid, price numeric(10, 2), tags text[], day date, ip inet,
      speaker text check (speaker in ('user', 'assistant', 'system')));
    grant select, insert on things to service_role`);
  return database;
}

/** What programs write, and what each is meant as. */
const MEANT: readonly (readonly [column: string, value: unknown, meant: unknown, rule: string])[] = [
  ["ref", "undefined", null, "nothing_word"],
  ["price", "$1,234.50", "1234.50", "grouped_number"],
  ["tags", "red, blue", ["red", "blue"], "comma_list"],
  ["day", "31/12/2024", "2024-12-31", "day_first_date"],
  ["ip", "unknown", null, "nothing_word"],
  ["speaker", "Assistant", "assistant", "checked_word"],
];

Deno.test("a value that needs experience is not written, and its author is told exactly what it may be meant as", async () => {
  await using database = await withThings();
  const db = createResilientDb(callerOf(database, "service_role"));
  for (const [column, value, meant, rule] of MEANT) {
    await assert.rejects(db.insert("things", { id: 1, [column]: value }), (error) => {
      assert.ok(isHealingError(error));
      assert.ok(error.details?.options, `${column}: ${error.message}`);
      const options = error.details.options as { rule: string; column: string; value: unknown }[];
      assert.deepEqual(options.map((one) => [one.rule, one.column, one.value]), [[rule, column, meant]]);
      assert.match(error.hint!, new RegExp(`${column}: ${rule}`));
      return true;
    });
  }
  assert.deepEqual(await database.query("select from things"), []);
});

Deno.test("a value whose meaning is not beyond doubt has no option at all", async () => {
  await using database = await withThings();
  const db = createResilientDb(callerOf(database, "service_role"));
  const doubtful: readonly (readonly [column: string, value: string])[] = [
    ["price", "1,234"],
    ["tags", "Main Street 5, Berlin"],
    ["day", "31/31/2024"],
    ["ref", "not-a-uuid"],
    ["speaker", "owner"],
  ];
  for (const [column, value] of doubtful) {
    await assert.rejects(db.insert("things", { id: 1, [column]: value }), (error) => {
      assert.ok(isHealingError(error));
      assert.equal(error.details?.options, undefined, `${column} ${value}`);
      return true;
    });
  }
});

Deno.test("a trusted pattern for the column lets the value be written as it is meant, and for no other column", async () => {
  await using database = await withThings();
  const recall = (signatures: readonly string[]) =>
    Promise.resolve(
      signatures.filter((signature) => signature === "unknown column tags of things").map((signature) => ({
        error_signature: signature,
        fix_strategy: { kind: "rename_column", from: "tags", to: "tags" },
        auto_fixable: true,
        success_count: 6,
      } as unknown as HealingPattern)),
    );
  const loop = new SelfHealingLoop({ recall });
  const db = createResilientDb(callerOf(database, "service_role"), {
    learned: (table, row, ruled, options) => loop.healFurther(table, row, ruled, options),
  });
  const { results } = await db.insert("things", { id: 1, tags: "red, blue" });
  assert.equal(results[0]!.status, "healed");
  assert.deepEqual(await database.query("select tags from things"), [{ tags: ["red", "blue"] }]);
  await assert.rejects(db.insert("things", { id: 2, ref: "undefined" }));
});
