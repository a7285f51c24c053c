import assert from "node:assert/strict";
import { type ApiRole, createTestDatabase, type TestDatabase } from "../helpers/database.ts";

const ADMIN = { sub: "a0000000-0000-4000-8000-000000000001", app_metadata: { role: "admin" } };
const PLAIN = { sub: "a0000000-0000-4000-8000-000000000002", user_metadata: { role: "admin" } };

/** The tables of the healing system, as the catalogue has them: a new one is tested without being named here. */
async function ownTables(database: TestDatabase): Promise<string[]> {
  const rows = await database.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_policy as p join pg_class as c on c.oid = p.polrelid
     join pg_namespace as n on n.oid = c.relnamespace where p.polname = 'admins_read' order by 1`,
  );
  return rows.map((row) => row.name);
}

async function outcome(
  database: TestDatabase,
  role: ApiRole,
  claims: Record<string, unknown>,
  sql: string,
): Promise<string> {
  try {
    await database.asRole(role, claims, (session) => session.query(sql));
    return "allowed";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

Deno.test("the tables can be read by admins and the service role, and by nobody else", async () => {
  await using database = await createTestDatabase();
  const tables = await ownTables(database);
  assert.ok(tables.length >= 15, `only ${tables.length} tables`);
  for (const table of tables) {
    const select = `select from ${table}`;
    assert.equal(await outcome(database, "anon", {}, select), "42501", table);
    assert.equal(await outcome(database, "service_role", {}, select), "allowed", table);
    assert.equal(await outcome(database, "authenticated", ADMIN, select), "allowed", table);
  }
});

Deno.test("a signed-in user who is no admin sees no row, whatever the user metadata claims", async () => {
  await using database = await createTestDatabase();
  const count = "select count(*)::int as n from healing_settings";
  const seen = (claims: Record<string, unknown>) =>
    database.asRole("authenticated", claims, async (session) => (await session.query(count))[0]!.n);
  assert.equal(await seen(PLAIN), 0);
  assert.ok(await seen(ADMIN) as number > 10);
});

Deno.test("nobody writes the tables but through functions, not even the service role", async () => {
  await using database = await createTestDatabase();
  for (const table of await ownTables(database)) {
    assert.equal(
      await outcome(database, "authenticated", ADMIN, `insert into ${table} default values`),
      "42501",
      table,
    );
    assert.equal(await outcome(database, "anon", {}, `insert into ${table} default values`), "42501", table);
    assert.equal(
      await outcome(database, "service_role", {}, `insert into ${table} default values`),
      "42501",
      table,
    );
    assert.equal(
      await outcome(database, "service_role", {}, `delete from ${table} where true`),
      "42501",
      table,
    );
    assert.equal(await outcome(database, "service_role", {}, `truncate ${table}`), "42501", table);
  }
});

Deno.test("change_healing_setting() obeys people, and lets a machine only stop the system", async () => {
  await using database = await createTestDatabase();
  const change = (role: ApiRole, claims: Record<string, unknown>, key: string, value: string) =>
    outcome(database, role, claims, `select public.change_healing_setting('${key}', '${value}', 'a test')`);
  assert.equal(await change("authenticated", ADMIN, "mode_database", '"auto"'), "allowed");
  assert.equal(await change("authenticated", PLAIN, "mode_database", '"auto"'), "PT403");
  assert.equal(await change("service_role", {}, "mode_database", '"auto"'), "PT403");
  assert.equal(await change("service_role", {}, "enabled", "false"), "allowed");
  assert.equal(await change("service_role", {}, "enabled", "true"), "PT403");
  assert.equal(await change("anon", {}, "enabled", "false"), "42501");
  assert.equal(
    await outcome(database, "service_role", {}, "update healing_settings set wanted = '1' where true"),
    "42501",
  );
});

Deno.test("change_healing_setting() refuses values that do not fit, unknown keys, and a missing reason", async () => {
  await using database = await createTestDatabase();
  const bad = [
    ["mode_database", '"always"', "why"],
    ["enabled", '"yes"', "why"],
    ["max_fixes_per_day", "-1", "why"],
    ["protected_areas", "[1]", "why"],
    ["enabled", "true", " "],
  ] as const;
  for (const [key, value, reason] of bad) {
    const call = `select public.change_healing_setting('${key}', '${value}', '${reason}')`;
    assert.equal(await outcome(database, "authenticated", ADMIN, call), "PT400", `${key} = ${value}`);
  }
  const unknown = "select public.change_healing_setting('no_such', 'true', 'why')";
  assert.equal(await outcome(database, "authenticated", ADMIN, unknown), "PT404");
});

Deno.test("decide_approval() obeys no machine and no plain user", async () => {
  await using database = await createTestDatabase();
  const call = "select public.decide_approval(gen_random_uuid(), 'approve', 'why')";
  assert.equal(await outcome(database, "service_role", {}, call), "PT403");
  assert.equal(await outcome(database, "authenticated", PLAIN, call), "PT403");
  assert.equal(await outcome(database, "authenticated", ADMIN, call), "PT409");
});

Deno.test("our functions can be executed by anon only where a caller's own writes go through them, and for the public status", async () => {
  await using database = await createTestDatabase();
  const rows = await database.query<{ name: string }>(
    `select p.oid::regprocedure::text as name from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
     where n.nspname in ('public', 'healing_private') and has_function_privilege('anon', p.oid, 'execute') order by 1`,
  );
  assert.deepEqual(rows.map((row) => row.name), [
    "get_public_status()",
    "healing_private.answer_missing_table(text,jsonb,jsonb)",
    "healing_private.ask_about_write(text,jsonb,jsonb)",
    "healing_private.attempt_range(text,oid,jsonb,jsonb)",
    "healing_private.attempt_write(text[],jsonb[],jsonb,boolean,oid,text)",
    "healing_private.check_filter(jsonb)",
    "healing_private.check_write(jsonb,jsonb)",
    "healing_private.claim_insert(text,jsonb,jsonb)",
    "healing_private.claim_write(text,text,text,jsonb)",
    "healing_private.column_fingerprint(oid)",
    "healing_private.columns_of(oid)",
    "healing_private.conflict_columns(oid,jsonb)",
    "healing_private.counted_rows(oid,text[])",
    "healing_private.filter_clause(oid,jsonb)",
    "healing_private.is_mendable(text)",
    "healing_private.is_missing_table(text)",
    "healing_private.is_own_table(oid)",
    "healing_private.is_unchanged(oid,jsonb,jsonb)",
    "healing_private.is_writable(oid)",
    "healing_private.may_heal(text)",
    "healing_private.open_insert(text,jsonb,boolean)",
    "healing_private.park_values(text,jsonb,jsonb,jsonb)",
    "healing_private.place_returned(jsonb,jsonb)",
    "healing_private.public_status()",
    "healing_private.queue_faults(text,jsonb,jsonb,jsonb)",
    "healing_private.queue_write(text,jsonb,jsonb,jsonb,jsonb)",
    "healing_private.record_transaction(jsonb)",
    "healing_private.row_expressions(oid,text[])",
    "healing_private.seen_rows(oid,jsonb,jsonb,jsonb)",
    "healing_private.settle_write(text,text,jsonb,boolean)",
    "healing_private.table_schema(oid)",
    "healing_private.typed_source(oid,text[])",
    "healing_private.unknown_keys(oid,text[])",
    "healing_private.write_answer(oid,jsonb,jsonb,jsonb)",
    "healing_private.write_batch(text,oid,jsonb,jsonb)",
    "healing_private.write_groups(jsonb)",
    "healing_private.write_groups_apart(text,oid,jsonb,jsonb,jsonb)",
    "healing_private.write_hash(jsonb,jsonb)",
    "healing_private.write_pieces(text,oid,jsonb,jsonb[],integer[],integer)",
    "healing_private.write_statement(text,oid,text[],jsonb,boolean)",
    "healing_private.write_target(text)",
    "healing_private.write_with_care(text,jsonb,jsonb,jsonb,boolean)",
    "read_table_schemas(jsonb)",
    "write_rows(text,jsonb,jsonb)",
  ]);
});
