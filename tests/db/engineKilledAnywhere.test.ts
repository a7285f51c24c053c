import assert from "node:assert/strict";
import { occurrence, openContract, setSetting } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import type { Death } from "../helpers/dyingEngine.ts";
import { engineOf, MISSING_FUNCTION, operation, TRANSIENT } from "../helpers/engine.ts";

const DYING_ENGINE = new URL("../helpers/dyingEngine.ts", import.meta.url).pathname;
/** Processes at the same time. */
const AT_ONCE = 4;

/** The steps of each way that an error can take; one that is new here has been killed at, and is looked at by a person. */
const KNOWN_STEPS: Record<string, string[]> = {
  "a fix of the database, its operations and its proof": [
    "claim_due_errors",
    "claim_fixes_to_judge",
    "claim_operations",
    "finish_operation",
    "get_decision_context",
    "get_pending_reverts",
    "invoke",
    "propose_fix",
    "record_fix_proof",
    "tx.begin_fix",
    "tx.commit",
    "tx.execute",
    "tx.query",
    "tx.record_fix_applied",
    "tx.rollback",
  ],
  "operations made again": [
    "begin_fix",
    "claim_due_errors",
    "claim_fixes_to_judge",
    "claim_operations",
    "finish_operation",
    "get_decision_context",
    "get_pending_reverts",
    "invoke",
    "propose_fix",
    "record_fix_applied",
    "renew_claim",
  ],
  "a fix that is taken back": [
    "claim_due_errors",
    "claim_fixes_to_judge",
    "claim_operations",
    "get_pending_reverts",
    "tx.commit",
    "tx.conclude_fix",
    "tx.execute",
    "tx.query",
  ],
  "a fix that is kept": [
    "claim_due_errors",
    "claim_fixes_to_judge",
    "claim_operations",
    "conclude_fix",
    "get_pending_reverts",
  ],
};

/** What each way begins with. */
const WAYS: Record<string, (database: TestDatabase) => Promise<void>> = {
  "a fix of the database, its operations and its proof": (database) =>
    capture(database, { ...MISSING_FUNCTION, operation: operation("order-1") }),
  "operations made again": (database) => capture(database, { ...TRANSIENT, operation: operation("order-1") }),
  "a fix that is taken back": async (database) => {
    await applied(database);
    await database.query("update detected_errors set occurrences_since_fix = 50, occurrence_count = 51");
  },
  "a fix that is kept": async (database) => {
    await applied(database);
    await database.query("update auto_fixes set proof = '{\"succeeded\": true}'");
  },
};

async function capture(database: TestDatabase, error: object): Promise<void> {
  await database.rpc("capture_errors", { p_errors: [occurrence(error)] });
}

async function applied(database: TestDatabase): Promise<void> {
  await capture(database, MISSING_FUNCTION);
  await using contract = await openContract(database);
  await using engine = engineOf(database, contract);
  await setSetting(contract.rpc, "validation_min_seconds", 600);
  await engine.detectAndHeal();
  await database.query("update auto_fixes set validate_until = now()");
}

async function prepare(way: string): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await using contract = await openContract(database);
  await setSetting(contract.rpc, "mode_database", "auto");
  await setSetting(contract.rpc, "validation_min_seconds", 0);
  await database.query("create table public.made (key text primary key); grant all on made to postgres");
  await WAYS[way]!(database);
  return database;
}

async function runEngine(
  database: TestDatabase,
  step: number,
  death: Death,
): Promise<{ wasKilled: boolean; steps: string[] }> {
  const { signal, stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-all", DYING_ENGINE, database.url, String(step), death],
    stderr: "null",
  }).output();
  if (signal === "SIGKILL") return { wasKilled: true, steps: [] };
  assert.ok(success, "the engine ended by itself, with an error");
  return { wasKilled: false, steps: JSON.parse(new TextDecoder().decode(stdout)) };
}

/** Lets every lease and every pause end, as time would, and then also the windows of validation. */
async function letTimePass(database: TestDatabase, windows: boolean): Promise<void> {
  for (
    const change of [
      "update detected_errors set lease_expires_at = now() - interval '1 s' where lease_expires_at is not null",
      "update detected_errors set next_attempt_at = now()",
      "update auto_fixes set lease_expires_at = now() - interval '1 s' where lease_expires_at is not null",
      ...(windows ? ["update auto_fixes set validate_until = now() where status = 'validating'"] : []),
      "update queued_operations set lease_expires_at = now() - interval '1 s' where lease_expires_at is not null",
      "update queued_operations set next_attempt_at = now() where status = 'queued'",
    ]
  ) await database.query(change);
}

const ENDED = ["kept", "reverted", "failed"];

/** Whatever was half done is finished or taken back by the next runs, and nothing was done twice. */
async function assertEnds(database: TestDatabase, where: string): Promise<void> {
  await using contract = await openContract(database);
  await using next = engineOf(database, contract, async ({ idempotency_key: key }) => {
    await database.query("insert into made (key) values ($1) on conflict do nothing", [key]);
    return { status: 200, body: "" };
  });
  for (let run = 0; run < 5; run++) {
    await letTimePass(database, run > 1);
    await next.detectAndHeal();
  }
  const fixes = await database.query<{ id: string; status: string }>("select id, status from auto_fixes");
  assert.ok(fixes.length > 0, where);
  for (const { status } of fixes) assert.ok(ENDED.includes(status), `${where}: a fix is ${status}`);
  const twice = await database.query(
    "select from healing_events where event_type = 'fix_applied' group by auto_fix_id having count(*) > 1",
  );
  assert.deepEqual(twice, [], `${where}: applied twice`);
  const judgedTwice = await database.query(
    "select from healing_events where event_type = 'verdict' group by auto_fix_id having count(*) > 1",
  );
  assert.deepEqual(judgedTwice, [], `${where}: judged twice`);
  const [{ open }] = await database.query<{ open: string }>(
    "select count(*) as open from detected_errors where status in ('healing', 'validating')",
  ) as [{ open: string }];
  assert.equal(Number(open), 0, `${where}: an error in limbo`);
  const waiting = await database.query("select from queued_operations where status in ('queued', 'running')");
  assert.deepEqual(waiting, [], `${where}: an operation in limbo`);
  // The extension is there exactly when a fix that made it is in force.
  const [{ agree }] = await database.query<{ agree: boolean }>(
    `select exists (select from pg_extension where extname = 'unaccent')
       = exists (select from auto_fixes where action_kind = 'create_extension' and status = 'kept') as agree`,
  ) as [{ agree: boolean }];
  assert.ok(agree, `${where}: rows and database disagree`);
}

for (const [way, known] of Object.entries(KNOWN_STEPS)) {
  Deno.test(`an engine killed at any step of ${way} leaves nothing half done`, async () => {
    await using rehearsal = await prepare(way);
    const { steps } = await runEngine(rehearsal, 0, "before");
    assert.deepEqual([...new Set(steps)].sort(), known, "look at the new step, then add it to the list");
    const isWorth = (death: Death, step: string) => death === "before" || !/query|rollback|commit/.test(step);
    const deaths = steps.flatMap((step, index) =>
      (["before", "during"] as const).filter((death) => isWorth(death, step)).map((death) => ({
        step,
        at: index + 1,
        death,
      }))
    );
    const work = deaths.values();
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      for (const { step, at, death } of work) {
        await using database = await prepare(way);
        const { wasKilled } = await runEngine(database, at, death);
        assert.ok(wasKilled, `it was not killed at ${step}`);
        await assertEnds(database, `killed ${death} step ${at}, ${step}`);
      }
    }));
  });
}
