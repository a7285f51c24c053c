import assert from "node:assert/strict";
import { schemaOf } from "../helpers/accessFixes.ts";
import { type Contract, openContract, setSetting } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { engineOf } from "../helpers/engine.ts";
import {
  indexFixes,
  optimise,
  runIndexJobs,
  searchOrders,
  slowWorld,
  switchOn,
} from "../helpers/optimiser.ts";
import { waitFor } from "../helpers/waiting.ts";
import type { Finding } from "../../supabase/functions/_shared/engineDb.ts";

const SPARE = `
  create table things (id int primary key, a int, b int, note text, unique (b));
  insert into things select n, n, n, repeat('x', 20) from generate_series(1, 60000) n;
  create index one on things (a); create index same on things (a);
  create index other_order on things (a desc); create index part on things (a) where b > 0;
  create index wider on things (a) include (b); create index as_text on things (note text_pattern_ops);
  analyze things;`;

async function findingsOf(database: TestDatabase, kind: string): Promise<string[]> {
  const findings = await database.rpc<Finding[]>("find_optimisations");
  return findings.filter((finding) => finding.kind === kind).map(({ object }) => object).sort();
}

Deno.test("find_optimisations() lists an index as a duplicate only where every part of it is the same", async () => {
  await using database = await createTestDatabase();
  await database.query(SPARE);
  assert.deepEqual(await findingsOf(database, "duplicate_index"), ["public.same"]);
  // What keeps values apart does the reading of a plain one as well, and is never the one to go.
  await database.query("create unique index also_unique on things (a)");
  assert.deepEqual(await findingsOf(database, "duplicate_index"), ["public.one", "public.same"]);
});

Deno.test("find_optimisations() never lists as unused what keeps values apart, and waits until the statistics are old enough", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await database.query(SPARE);
  assert.deepEqual(await findingsOf(database, "unused_index"), []);
  await setSetting(contract.rpc, "optimise_unused_days", 0);
  assert.deepEqual(await findingsOf(database, "unused_index"), [
    "public.one",
    "public.other_order",
    "public.part",
    "public.wider",
  ]);
});

Deno.test("find_optimisations() sees dead rows, a sequence that ends before its time, and foreign keys without an index", async () => {
  await using database = await createTestDatabase();
  await database.query(`
    create table parents (id int primary key); create table children (id serial primary key, parent_id int references parents);
    insert into parents select generate_series(1, 100); insert into children (parent_id) select n % 100 + 1 from generate_series(1, 20000) n;
    update parents set id = id where id = 1; analyze children;
    create table dirty (id int) with (autovacuum_enabled = false); insert into dirty select generate_series(1, 30000); delete from dirty where id <= 20000;
    select setval('children_id_seq', 2000000000); select pg_stat_force_next_flush();`);
  await waitFor("the counters arrive", async () => (await findingsOf(database, "bloat")).length > 0);
  assert.deepEqual(await findingsOf(database, "bloat"), ["public.dirty"]);
  assert.deepEqual(await findingsOf(database, "sequence"), ["public.children_id_seq"]);
  assert.deepEqual(await findingsOf(database, "missing_index"), ["public.children"]);
  const [sequence] = (await database.rpc<Finding[]>("find_optimisations")).filter(({ kind }) =>
    kind === "sequence"
  );
  assert.equal(sequence?.severity, "high");
  assert.equal(sequence?.measured, "2000000000 of 2147483647 numbers, 93 %");
  assert.match(sequence!.proposal!, /add a bigint column/);
  await database.query("create index on children (parent_id)");
  assert.deepEqual(await findingsOf(database, "missing_index"), []);
});

Deno.test("find_optimisations() answers admins and machines, and nobody else", async () => {
  await using database = await createTestDatabase();
  const admin = { sub: "a", app_metadata: { role: "admin" } };
  const ask = "select find_optimisations() as found";
  assert.equal((await database.asRole("authenticated", admin, (session) => session.query(ask))).length, 1);
  await assert.rejects(
    database.asRole("authenticated", { sub: "b" }, (session) => session.query(ask)),
    /an admin has to do it/,
  );
  await assert.rejects(database.asRole("anon", {}, (session) => session.query(ask)), /permission denied/);
});

Deno.test("record_optimisations() tells of a finding once, and closes it when it is gone", async () => {
  await using database = await createTestDatabase();
  const finding = {
    key: "bloat:t",
    kind: "bloat",
    severity: "medium",
    object: "t",
    measured: "many",
    why: "because",
  };
  assert.deepEqual(await database.rpc("record_optimisations", { p_findings: [finding] }), {
    opened: 1,
    closed: 0,
  });
  assert.deepEqual(await database.rpc("record_optimisations", { p_findings: [finding] }), {
    opened: 0,
    closed: 0,
  });
  const unread =
    "select occurrence_count from notifications where dedupe_key = 'optimise:bloat:t' and read_at is null";
  assert.deepEqual(await database.query(unread), [{ occurrence_count: 1 }]);
  assert.deepEqual(await database.rpc("record_optimisations", { p_findings: [] }), { opened: 0, closed: 1 });
  assert.deepEqual(await database.query(unread), []);
});

/** A duplicate index that a person is asked about. */
async function askAboutDuplicate(database: TestDatabase, contract: Contract): Promise<string> {
  await database.query(SPARE);
  await switchOn(contract);
  const report = await optimise(database);
  assert.match(
    report.proposed.join(),
    /duplicate_index:public.same: a fix of high risk always needs a person/,
    JSON.stringify(report),
  );
  assert.deepEqual(await runIndexJobs(database), [], "nothing is dropped without a person");
  const [approval] = await database.query<{ id: string }>(
    "select id from admin_approval_queue where status = 'pending'",
  );
  return approval!.id;
}

Deno.test("drop_index runs only after its approval, and comes back to the byte when it is taken back", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const approval = await askAboutDuplicate(database, contract);
  const before = await schemaOf(database);
  await contract.rpc.call("decide_approval", {
    p_approval_id: approval,
    p_decision: "approve",
    p_reason: "it is the same",
  });
  await using engine = engineOf(database, contract);
  assert.equal((await engine.detectAndHeal()).fixes_applied, 1);
  assert.match((await runIndexJobs(database)).join(), /drop index concurrently if exists "public"."same"/);
  await optimise(database);
  assert.deepEqual(await database.query("select from pg_class where relname = 'same'"), []);
  assert.deepEqual(await runIndexJobs(database), []);

  const [fix] = await database.query<{ id: string }>(
    "select id from auto_fixes where action_kind = 'drop_index'",
  );
  assert.equal((await engine.takeBack(fix!.id, "a report needed it"))?.status, "reverted");
  assert.match(
    (await runIndexJobs(database)).join(),
    /create index concurrently if not exists same ON public.things/,
  );
  await optimise(database);
  assert.equal(await schemaOf(database), before);
  assert.deepEqual(await runIndexJobs(database), []);
});

Deno.test("a question about an index ends when the index is gone, and is not asked again when a person said no", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const approval = await askAboutDuplicate(database, contract);
  await contract.rpc.call("decide_approval", {
    p_approval_id: approval,
    p_decision: "reject",
    p_reason: "a replica reads it",
  });
  await using engine = engineOf(database, contract);
  assert.equal((await engine.detectAndHeal()).errors_detected, 0, "no rule is asked about it");
  assert.deepEqual((await optimise(database)).proposed, []);
  assert.deepEqual((await indexFixes(database)).map(({ status }) => status), ["rejected"]);

  await database.query(
    "update detected_errors set resolved_at = now() - interval '31 days' where source = 'optimiser'",
  );
  assert.equal((await optimise(database)).proposed.length, 1);
  await database.query("drop index same");
  assert.equal((await optimise(database)).findings.closed, 1);
  assert.deepEqual(await database.query("select from admin_approval_queue where status = 'pending'"), []);
});

Deno.test("a process that dies between the job and its record leaves neither, and the next one asks anew", async () => {
  await using database = await createTestDatabase();
  await using contract = await slowWorld(database);
  await searchOrders(database, 60);
  await database.query(`create function kill_me() returns trigger language plpgsql as
      'begin perform pg_terminate_backend(pg_backend_pid()); return new; end';
    create trigger kill_me before insert on applied_improvements for each row execute function kill_me()`);
  const killed = await optimise(database).catch((error) => error);
  assert.ok(killed instanceof Error || killed.applied.length === 0);
  await waitFor(
    "the session has ended",
    async () =>
      (await database.query(
        "select from pg_stat_activity where application_name = 'healing' and datname = current_database()",
      )).length <= 1,
  );
  assert.deepEqual(await database.query("select from cron.job where jobname like 'heal\\_create%'"), []);
  assert.deepEqual(await database.query("select from healing_private.index_jobs"), []);
  assert.deepEqual(await database.query("select from detected_errors"), []);
  await database.query("drop trigger kill_me on applied_improvements; drop function kill_me");
  assert.equal((await optimise(database)).applied.length, 1);
  assert.equal(typeof contract.rpc, "object");
});

Deno.test("a dropped index comes back by itself when a statement of its table becomes slower", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const approval = await askAboutDuplicate(database, contract);
  const look = async (times: number) => {
    for (let n = 0; n < times; n++) await database.query("select * from things where a = $1", [n]);
  };
  await look(60);
  await contract.rpc.call("decide_approval", {
    p_approval_id: approval,
    p_decision: "approve",
    p_reason: "it is the same",
  });
  await using engine = engineOf(database, contract);
  await engine.detectAndHeal();
  await runIndexJobs(database);
  await optimise(database);
  assert.deepEqual((await indexFixes(database)).map(({ status }) => status), ["validating"]);
  // Whatever the reason is: a person thought that nobody would notice.
  await database.query("set enable_indexscan = off; set enable_bitmapscan = off");
  await look(60);
  const judged = await optimise(database);
  assert.match(
    judged.reverted.join(),
    /same: a statement takes [\d.]+e?\+?\d* % of its time before/,
    JSON.stringify(judged),
  );
  assert.match(
    (await runIndexJobs(database)).join(),
    /create index concurrently if not exists same ON public.things/,
  );
  await optimise(database);
  assert.equal((await database.query("select from pg_class where relname = 'same'")).length, 1);
});
