import assert from "node:assert/strict";
import { MIGRATION_FAILURES } from "../../../supabase/functions/_shared/deterministicFixPatterns/migrationFailures.ts";
import { parseFixAction } from "../../../supabase/functions/_shared/fixActions.ts";
import { facts } from "../../helpers/facts.ts";

function proposed(code: string, message: string, signature = `migration ${code}: ${message}`): string[] {
  return MIGRATION_FAILURES.flatMap((rule) => {
    const action = rule.propose(facts({ code, message, signature }));
    if (action === null) return [];
    parseFixAction(action);
    return [`${action.transform} ${action.object}`];
  });
}

Deno.test("MIGRATION_FAILURES know what stops a migration from its code and words, and what it is about", () => {
  const known: [code: string, message: string, proposals: string[]][] = [
    ["42P07", 'relation "visits" already exists', ["skip_existing visits"]],
    ["42710", 'policy "own" for table "notes" already exists', ["skip_existing own"]],
    ["42710", 'relation "m" is already member of publication "p"', ["skip_existing m"]],
    ["42710", 'enum label "sun" already exists', ["skip_existing sun"]],
    ["42723", 'function "f" already exists with same argument types', ["skip_existing f"]],
    ["42701", 'column "a" of relation "t" already exists', ["skip_existing a"]],
    ["42P16", 'multiple primary keys for table "t" are not allowed', ["skip_existing t"]],
    ["42601", 'syntax error at or near "not"', ["strip_clause not", "translate_dialect not"]],
    ["42601", 'syntax error at or near "auto_increment"', ["translate_dialect auto_increment"]],
    ["25001", "CREATE INDEX CONCURRENTLY cannot run inside a transaction block", [
      "run_alone CREATE INDEX CONCURRENTLY",
    ]],
    ["55P04", 'unsafe use of new value "b" of enum type st', ["add_label_first b"]],
    ["42704", 'policy "nope" for table "t" does not exist', [
      "skip_missing nope",
      "skip_renamed nope",
      "reorder nope",
    ]],
    ["42703", "column j.startsat does not exist", [
      "skip_missing j.startsat",
      "skip_renamed j.startsat",
      "reorder j.startsat",
      "quote_identifier j.startsat",
    ]],
    ["42501", "must be owner of table objects", ["skip_no_op objects"]],
    ["23505", 'duplicate key value violates unique constraint "plans_pkey"', ["skip_seed_rows plans_pkey"]],
  ];
  for (const [code, message, proposals] of known) {
    assert.deepEqual(proposed(code, message), proposals, message);
  }
});

Deno.test("MIGRATION_FAILURES say nothing at run time, without the code, or about other words", () => {
  const message = 'relation "visits" already exists';
  assert.deepEqual(proposed("42P07", message, `42P07: ${message}`), []);
  assert.deepEqual(proposed("", message), []);
  assert.deepEqual(proposed("42P07", 'insert into "visits" failed'), []);
  assert.deepEqual(proposed("42501", "permission denied for table visits"), []);
});

Deno.test("MIGRATION_FAILURES have a key of their own each, and a prior within the bounds", () => {
  const keys = MIGRATION_FAILURES.map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length);
  for (const { confidence } of MIGRATION_FAILURES) assert.ok(confidence >= 0.6 && confidence <= 0.98);
});
