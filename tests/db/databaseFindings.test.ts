import assert from "node:assert/strict";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import {
  findAdvice,
  type Finding,
  type FindingsReport,
  proposeFindings,
} from "../../supabase/functions/_shared/predictiveHealing.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { engineOf, prepared } from "../helpers/engine.ts";

const BROKEN = `
  create table notes (id int primary key, owner uuid); alter table notes enable row level security;
  grant select on notes to authenticated; create index on notes (owner);
  create policy own on notes for select to authenticated using (owner = auth.uid());
  create table loose (id int); alter table loose enable row level security;`;

/** One look, as the engine does it every night. */
async function look(database: TestDatabase, given?: readonly Finding[]): Promise<FindingsReport> {
  const connection = await openDirectConnection(database.url);
  await using contract = await openContract(database);
  try {
    return await connection.transaction(
      async (tx) =>
        await proposeFindings({ rpc: contract.rpc, sql: tx }, "advice", given ?? await findAdvice(tx)),
      { rollback: true },
    );
  } finally {
    await connection.close();
  }
}

const STATE = `
  select f.code, f.closed_at is not null as closed, a.status as approval, x.status as fix, e.status as error
  from database_findings f left join detected_errors e on e.id = f.detected_error_id
  left join auto_fixes x on x.detected_error_id = e.id left join admin_approval_queue a on a.auto_fix_id = x.id order by f.code`;

const POLICY = "select pg_get_expr(polqual, polrelid) as text from pg_policy where polname = 'own'";

Deno.test("proposeFindings() writes each finding down once, lets a person decide, and closes what is gone", async () => {
  await using database = await createTestDatabase();
  await database.query(BROKEN);
  const before = await database.query(POLICY);
  const { refused, ...first } = await look(database);
  assert.deepEqual([first, refused], [{ seen: 2, new: 2, proposed: 1, closed: 0 }, []]);
  assert.deepEqual(await database.query(STATE), [
    { code: "no_primary_key", closed: false, approval: null, fix: null, error: null },
    {
      code: "policy_per_row",
      closed: false,
      approval: "pending",
      fix: "awaiting_approval",
      error: "awaiting_approval",
    },
  ]);
  for (let night = 0; night < 3; night++) {
    const { seen, new: fresh, proposed, closed } = await look(database);
    assert.deepEqual([seen, fresh, proposed, closed], [2, 0, 0, 0]);
  }
  assert.deepEqual(await database.query("select count(*)::int as n from auto_fixes"), [{ n: 1 }]);
  assert.deepEqual(await database.query("select count(*)::int as n from healing_events"), [{ n: 1 }]);
  assert.deepEqual(await database.query(POLICY), before);

  await database.query("alter policy own on notes using (owner = (select auth.uid()))");
  await database.query("alter table loose add primary key (id)");
  assert.equal((await look(database)).closed, 2);
  assert.deepEqual(await database.query(STATE), [
    { code: "no_primary_key", closed: true, approval: null, fix: null, error: null },
    { code: "policy_per_row", closed: true, approval: "expired", fix: "expired", error: "healed" },
  ]);
  // It comes back: that is news again.
  await database.query("alter policy own on notes using (owner = auth.uid())");
  assert.equal((await look(database)).proposed, 1);
});

Deno.test("a finding's fix is applied once a person agrees, and a rejected one is not proposed again", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await database.query(BROKEN);
  await look(database);
  await using engine = engineOf(database, contract);
  await engine.detectAndHeal();
  assert.deepEqual(await database.query("select status from auto_fixes"), [{ status: "awaiting_approval" }]);
  await database.query(
    "select decide_approval(id, 'approve', 'the same rows, faster') from admin_approval_queue",
  );
  assert.equal((await engine.detectAndHeal()).fixes_applied, 1);
  assert.match(String((await database.query(POLICY))[0]!.text), /SELECT auth.uid\(\)/);
  assert.equal((await look(database)).closed, 1);

  await database.query("alter policy own on notes using (owner = auth.uid())");
  await database.query(
    "create table more (id int primary key, owner uuid); alter table more enable row level security; " +
      "create index on more (owner); create policy theirs on more for select to authenticated using (owner = auth.uid())",
  );
  await look(database);
  await database.query(
    "select decide_approval(id, 'reject', 'it is fast enough') from admin_approval_queue where status = 'pending'",
  );
  await engine.detectAndHeal();
  assert.equal((await look(database)).proposed, 0);
  assert.deepEqual(await database.query("select from admin_approval_queue where status = 'pending'"), []);
});

Deno.test("proposeFindings() proposes ten at a time, refuses what cannot be done, and keeps hostile names as names", async () => {
  await using database = await createTestDatabase();
  await database.query(`do $$ begin for n in 1..12 loop
    execute format('create table %I (id int primary key, owner uuid)', 'a"b''; drop table x; -- ' || n);
    execute format('alter table %I enable row level security', 'a"b''; drop table x; -- ' || n);
    execute format('create index on %I (owner)', 'a"b''; drop table x; -- ' || n);
    execute format('create policy "p''%s" on %I for select to authenticated using (owner = auth.uid())', n, 'a"b''; drop table x; -- ' || n);
  end loop; end $$`);
  const first = await look(database);
  assert.deepEqual([first.new, first.proposed], [12, 10]);
  const second = await look(database);
  assert.deepEqual([second.new, second.proposed], [0, 2]);
  const unknown = await look(database, [{
    code: "made_up",
    severity: "low",
    object: "x",
    message: "y",
    advice: "z",
    probe: null,
    fix: { kind: "disable_everything" },
  }]);
  assert.match(unknown.refused[0]!.reason, /no known kind/);
  assert.deepEqual(await database.query("select advice, fix from database_findings where code = 'made_up'"), [
    { advice: `z (not proposed: ${unknown.refused[0]!.reason})`, fix: null },
  ]);
});

Deno.test("record_findings() called at once writes each finding once, and one caller gets the turn", async () => {
  await using database = await createTestDatabase();
  await database.query(BROKEN);
  const reports = await Promise.all(Array.from({ length: 4 }, () => look(database)));
  assert.equal(reports.reduce((sum, { proposed }) => sum + proposed, 0), 1);
  assert.deepEqual(await database.query("select count(*)::int as n from database_findings"), [{ n: 2 }]);
  const turns = await Promise.all(
    Array.from({ length: 8 }, () => database.rpc<boolean>("take_finding_turn", { p_scope: "advice" })),
  );
  assert.equal(turns.filter((turn) => turn).length, 1);
});

Deno.test("findings are the server's and the admins' to see, and nobody's to write", async () => {
  await using database = await createTestDatabase();
  await database.query(BROKEN);
  await look(database);
  const rows = (role: "anon" | "authenticated" | "service_role", claims: Record<string, unknown> = {}) =>
    database.asRole(role, claims, (session) => session.query("select id from database_findings"));
  await assert.rejects(rows("anon"), /permission denied/);
  assert.deepEqual(await rows("authenticated", { sub: crypto.randomUUID() }), []);
  assert.equal((await rows("authenticated", { app_metadata: { role: "admin" } })).length, 2);
  assert.equal((await rows("service_role")).length, 2);
  for (const role of ["anon", "authenticated"] as const) {
    await assert.rejects(
      database.rpc("record_findings", { p_scope: "advice", p_findings: "[]" }, role),
      /permission denied/,
    );
  }
});
