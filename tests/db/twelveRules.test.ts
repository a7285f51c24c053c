/** The twelve rules that no repair may break: each with what it forbids, tried. */

import assert from "node:assert/strict";
import type { ErrorFacts } from "../../supabase/functions/_shared/core/fixes.ts";
import {
  healPayload,
  proposeFromRules,
  refusalOf,
} from "../../supabase/functions/_shared/deterministicFixPatterns.ts";
import { analyzeError } from "../../supabase/functions/_shared/errorAnalysis.ts";
import { kindOf, parseFixAction } from "../../supabase/functions/_shared/fixActions.ts";
import { breachesOf, guarded, watch } from "../../supabase/functions/_shared/fixActions/guard.ts";
import type { FixSteps } from "../../supabase/functions/_shared/fixActions/lazily.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { ALICE, applyFix, BOB, seenBy } from "../helpers/accessFixes.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { facts } from "../helpers/facts.ts";

const WORLD = `
  create table members (team_id int, user_id uuid); alter table members enable row level security;
  grant select, insert on members to authenticated; insert into members values (1, '${ALICE}'), (1, '${BOB}');
  create policy m on members for select to authenticated using (team_id in (select team_id from members where user_id = auth.uid()));
  create table plain (id int); alter table plain enable row level security;
  create function runs_as_owner() returns int language sql security definer set search_path = '' as 'select 1';
  revoke all on function runs_as_owner() from public;
  insert into storage.buckets (id, name, public) values ('files', 'files', false);`;

const BREAK = { kind: "replace_policy", repair: "break_recursion", table: "members" };

async function factsOf(
  code: string,
  message: string,
  changes: Partial<ErrorFacts> = {},
): Promise<ErrorFacts> {
  const { captured, transient } = await analyzeError(Object.assign(new Error(message), { code }));
  return facts({
    code,
    message: captured.error_message,
    errorType: captured.error_type,
    transient,
    ...changes,
  });
}

async function world(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await database.query(WORLD);
  return database;
}

/** Ways to make an error go away that are none. */
const OPENINGS = [
  "alter table members disable row level security",
  "alter policy m on members using (true)",
  "create policy more on members for insert to authenticated with check (user_id is not null)",
  "alter policy m on members to public",
  "alter policy m on members to authenticated, anon",
  "grant select on plain to anon",
  "grant select on plain to public",
  "grant execute on function runs_as_owner() to public",
  "grant create on schema public to anon",
  "alter function runs_as_owner() set search_path = public",
  "alter function runs_as_owner() reset search_path",
  "update storage.buckets set public = true",
];

function wayOf(statement: string): FixSteps<{ kind: string }> {
  const retry = kindOf(parseFixAction({ kind: "retry" })) as unknown as FixSteps<{ kind: string }>;
  return guarded({ ...retry, apply: async ({ sql }) => void await sql!.query(statement) });
}

Deno.test("rule 1: no repair opens what was closed, and the guard takes back one that would", async () => {
  await using database = await world();
  const connection = await openDirectConnection(database.url);
  for (const statement of OPENINGS) {
    await assert.rejects(
      connection.transaction((sql) => wayOf(statement).apply({ sql }, { kind: "retry" })),
      /would break a rule/,
      statement,
    );
  }
  const harmless = "alter function runs_as_owner() security invoker";
  await connection.transaction((sql) => wayOf(harmless).apply({ sql }, { kind: "retry" }), {
    rollback: true,
  });
  const before = await connection.transaction(watch);
  assert.equal((await applyFix(database, BREAK)).kind, "applied");
  assert.deepEqual(breachesOf(before, await connection.transaction(watch)), []);
  await connection.close();
});

Deno.test("rule 2: no repair loses a column or a row, or makes one up", async () => {
  await using database = await world();
  const connection = await openDirectConnection(database.url);
  for (const statement of ["drop table plain", "alter table members drop column team_id cascade"]) {
    await assert.rejects(
      connection.transaction((sql) => wayOf(statement).apply({ sql }, { kind: "retry" })),
      /is gone/,
    );
  }
  await connection.close();
  const rows = await database.query("select * from members order by user_id");
  assert.equal((await applyFix(database, BREAK)).kind, "applied");
  assert.deepEqual(await database.query("select * from members order by user_id"), rows);
});

Deno.test("rule 3: nothing is made again that does not wait under a key of its own", async () => {
  for (
    const [code, message] of [
      ["26000", 'prepared statement "s1" does not exist'],
      ["42P05", 'prepared statement "s1" already exists'],
      ["PGRST001", "Database client error. Retrying the connection."],
    ] as const
  ) assert.deepEqual(proposeFromRules(await factsOf(code, message, { queuedOperations: 0 })), []);
});

Deno.test("rule 4: what fails the same way each time is not tried again, whatever its status looks like", async () => {
  for (
    const message of ["Database error saving new user", "Database error querying schema"]
  ) {
    const error = Object.assign(new Error(message), { name: "AuthRetryableFetchError", status: 500 });
    const { transient } = await analyzeError(error);
    assert.equal(transient, false);
    const kinds = proposeFromRules(await factsOf("", message, { transient, queuedOperations: 3 })).map((
      { action },
    ) => action.kind);
    assert.ok(!kinds.includes("retry"), message);
  }
});

Deno.test("rule 5: a column about rights takes no key but its own name", () => {
  const column = { type: "text", nullable: true, default: null };
  for (
    const [key, name] of [["user_role", "role"], ["tenant", "tenant_id"], ["admin", "is_admin"], [
      "owned_by",
      "owner",
    ]]
  ) {
    const table = { table: "accounts", columns: [{ name: name!, ...column }] };
    assert.deepEqual(Object.keys(healPayload(table, { [key!]: "x" }).row), []);
  }
});

Deno.test("rule 6: a refused right is an answer, and nobody without a name is given one", async () => {
  for (
    const [code, message] of [
      ["42501", 'new row violates row-level security policy for table "members"'],
      ["42501", 'new row violates row-level security policy "own" for table "members"'],
      ["42501", "must be owner of table members"],
      ["invalid_credentials", "Invalid login credentials"],
      ["PGRST301", "No suitable key or wrong key type"],
    ] as const
  ) {
    const refused = await factsOf(code, message);
    assert.deepEqual(proposeFromRules(refused), [], message);
    assert.ok(await refusalOf(refused), message);
  }
  const asAnon = await factsOf("42501", "permission denied for table members", { place: { role: "anon" } });
  assert.deepEqual(proposeFromRules(asAnon), []);
});

Deno.test("rule 7: a filter is never rewritten", async () => {
  for (const code of ["PGRST100", "PGRST105", "PGRST108", "PGRST116", "PGRST120"]) {
    const filtered = await factsOf(code, "the filter does not fit");
    assert.deepEqual(proposeFromRules(filtered), [], code);
    assert.ok(await refusalOf(filtered), code);
  }
});

Deno.test("rule 8: a dry run leaves nothing, and a repair whose probe fails is taken back whole", async () => {
  await using database = await world();
  const look = "select polqual::text, polroles::text from pg_policy where polname = 'm'";
  const before = await database.query(look);
  assert.equal((await applyFix(database, BREAK, { rollback: true })).kind, "applied");
  assert.deepEqual(await database.query(look), before);
  await database.query(
    "alter policy m on members to public using (team_id = 1 or exists (select 1 from members where user_id = auth.uid()))",
  );
  const open = await database.query(look);
  assert.equal((await applyFix(database, BREAK)).kind, "refused");
  assert.deepEqual(await database.query(look), open);
  assert.deepEqual(await database.query("select from pg_namespace where nspname = 'healing_policies'"), []);
});

Deno.test("rule 9: a policy is replaced in one transaction, with its old text kept and everybody's rows compared", async () => {
  await using database = await world();
  const outcome = await applyFix(database, BREAK);
  assert.equal(outcome.kind, "applied");
  if (outcome.kind !== "applied") return;
  assert.match(JSON.stringify(outcome.rollbackPoint), /SELECT members_1\.team_id/);
  assert.match(outcome.measured, /viewers see and write the same rows/);
  assert.deepEqual(await seenBy(database, BOB, "select count(*)::int as n from members"), [{ n: 2 }]);
});

Deno.test("rule 10: nothing is installed or put back that is not on a list", () => {
  for (
    const draft of [
      { kind: "create_extension", extension: "dblink", provides: "dblink" },
      { kind: "rollback_code", to: "yesterday" },
      { kind: "replace_policy", repair: "using_true", table: "members" },
      { kind: "replace_policy", repair: "break_recursion", table: "members", using: "true" },
      { kind: "grant_privilege", on: "table", name: "members", to: "anon" },
      { kind: "grant_privilege", on: "table", name: "members", to: "public" },
      { kind: "disable_row_level_security", table: "members" },
    ]
  ) assert.throws(() => parseFixAction(draft), { code: "FIX_REFUSED" }, JSON.stringify(draft));
});

Deno.test("rule 11: damage and the limits of the platform are left alone", async () => {
  for (
    const [code, message] of [
      ["XX001", "invalid page in block 3 of relation base/1/2"],
      ["XX002", "index is corrupt"],
      ["58030", "could not read file"],
      ["53100", "could not extend file: No space left on device"],
    ] as const
  ) assert.deepEqual(proposeFromRules(await factsOf(code, message, { queuedOperations: 2 })), [], code);
});

Deno.test("rule 12: a refusal is not evaded", async () => {
  for (
    const [code, message] of [
      ["content_filter", "The response was filtered"],
      ["unsupported_country_region_territory", "Country, region, or territory not supported"],
      ["signup_disabled", "Signups not allowed for this instance"],
    ] as const
  ) assert.deepEqual(proposeFromRules(await factsOf(code, message)), [], code);
});
