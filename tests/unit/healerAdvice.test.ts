import assert from "node:assert/strict";
import { adviceFor } from "../../supabase/functions/_shared/databaseHealer/advice.ts";

Deno.test("adviceFor() knows a way out of every failure that would cost data or rights, and none that costs them", () => {
  const failures: [code: string, message: string, why: RegExp][] = [
    ["23502", 'column "a" of relation "t" contains null values', /must not be invented/],
    ["23505", 'could not create unique index "t_a_key"', /same key/],
    ["23505", 'duplicate key value violates unique constraint "schema_migrations_pkey"', /another migration/],
    ["23505", 'duplicate key value violates unique constraint "t_pkey"', /other values/],
    ["23514", 'check constraint "c" of relation "t" is violated by some row', /break the rule/],
    ["23503", 'insert or update on table "c" violates foreign key constraint "fk"', /not there/],
    ["2BP01", "cannot drop table t because other objects depend on it", /cascade/],
    ["0A000", "cannot alter type of a column used by a view or rule", /view/],
    ["42P13", "cannot change return type of existing function", /callers/],
    ["42501", "must be owner of table users", /another role/],
    ["42P07", 'relation "t" already exists', /nothing shows that it is what the migration wants/],
    ["42883", "function f() does not exist", /nowhere/],
    ["23P01", 'could not create exclusion constraint "x"', /none of them is moved/],
    ["22003", "integer out of range", /no value is cut/],
    ["428C9", 'cannot insert a non-DEFAULT value into column "id"', /itself/],
    [
      "0A000",
      "unique constraint on partitioned table must include all partitioning columns",
      /each partition/,
    ],
    ["0A000", "cannot truncate a table referenced in a foreign key constraint", /another table/],
    ["42809", '"t" is not a view', /another kind/],
    ["42P17", 'partition "b" would overlap partition "a"', /the same keys/],
    ["55000", 'column "id" of relation "t" already has a default value', /has a default/],
  ];
  for (const [code, message, why] of failures) {
    const advice = adviceFor({ code, message });
    assert.match(advice!.why, why, message);
    assert.ok(advice!.alternatives.length > 0, message);
    const said = advice!.alternatives.join(" ");
    assert.doesNotMatch(
      said,
      /disable row level security|using \(true\)|cascade|delete the|truncate|grant all/i,
      message,
    );
  }
  assert.equal(adviceFor({ code: "XX000", message: "internal error" }), null);
});
