/** Rollouts in the database: who moves them, what they rest on, and that two engines are as one. */

import assert from "node:assert/strict";
import { isHealingError } from "../../supabase/functions/_shared/core/errors.ts";
import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import {
  claimRollouts,
  getRolloutCurve,
  getRolloutShare,
  recordRolloutVerdict,
  startRollout,
  steerRollout,
  type StoredRollout,
} from "../../supabase/functions/_shared/rolloutDb.ts";
import { watchReleases } from "../../supabase/functions/_shared/releaseWatch.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { ageRollout, countRequests, letDeploymentsAct, readyRelease } from "../helpers/rollouts.ts";

const FEATURE = { mode: "feature" as const, functions: ["checkout"] };
const WAIT = { kind: "wait" as const, rule: "tooEarly", reason: "a test", figures: [] };

function fails(code: string, work: Promise<unknown>): Promise<void> {
  return assert.rejects(work, (thrown) => isHealingError(thrown) && thrown.code === code);
}

async function readRollout(database: TestDatabase, id: string): Promise<StoredRollout> {
  return (await database.query<StoredRollout>("select * from rollouts where id = $1", [id]))[0]!;
}

/** Three days of two errors in a hundred, until an hour ago. */
function usual(database: TestDatabase): Promise<void> {
  return countRequests(database, { from: 3 * 1_440, to: 61, n: 50, errors: 1 });
}

/** A rollout that began an hour ago, with the figures of both arms in each minute since. */
async function began(
  database: TestDatabase,
  rpc: RpcPort,
  arms: { n?: number; errors: number; controlErrors: number; slow?: number },
  options = {},
): Promise<StoredRollout> {
  const { n = 50, errors, controlErrors, slow = 0 } = arms;
  await usual(database);
  const deployment = await readyRelease(database, { minutesAgo: 60, ...options });
  const rollout = await startRollout(rpc, deployment, FEATURE);
  await ageRollout(database, rollout.id, 60);
  await countRequests(database, { from: 59, to: 2, n, errors, slow, deployment, arm: "canary" });
  await countRequests(database, {
    from: 59,
    to: 2,
    n: 100,
    errors: controlErrors,
    deployment,
    arm: "control",
  });
  return rollout;
}

Deno.test("start_rollout() begins once, moves the deployment to live, and keeps what was usual before", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await countRequests(database, { from: 60, to: 1, n: 50, errors: 1, slow: 2 });
  const deployment = await readyRelease(database);
  const [one, other] = await Promise.all([
    startRollout(contract.rpc, deployment, FEATURE),
    database.rpc<StoredRollout>("start_rollout", { p_deployment_id: deployment, p_options: FEATURE }),
  ]);
  assert.equal(one.id, other.id);
  assert.deepEqual([one.status, one.share, one.steps], ["running", 10, [10, 25, 50, 75, 100]]);
  const [row] = await database.query<{ status: string; baseline: { buckets: number[][]; slow_ms: number } }>(
    "select d.status, r.baseline from rollouts as r join deployment_logs as d on d.id = r.deployment_id",
  );
  assert.equal(row!.status, "live");
  const sums = row!.baseline.buckets.reduce((sum, bucket) => sum.map((value, i) => value + bucket[i]!), [
    0,
    0,
    0,
  ]);
  assert.deepEqual(sums.slice(0, 2), [3_000, 60]);
  assert.ok(Math.abs(row!.baseline.slow_ms - 100) < 3, String(row!.baseline.slow_ms));
});

Deno.test("start_rollout() refuses what is not ready, and plans that make no sense", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const deployment = await readyRelease(database);
  await fails("CONFLICT", startRollout(contract.rpc, crypto.randomUUID()));
  for (const steps of [[], [50], [50, 25, 100], [0, 100], [10, 10, 100]]) {
    await fails("BAD_REQUEST", startRollout(contract.rpc, deployment, { mode: "feature", steps }));
  }
  await database.query("update deployment_logs set status = 'kept', settled_at = now() where id = $1", [
    deployment,
  ]);
  await fails("CONFLICT", startRollout(contract.rpc, deployment));
});

Deno.test("watchReleases() takes a release that is no worse to everybody in steps, and keeps it", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await letDeploymentsAct(database);
  const { id, deployment_id } = await began(database, contract.rpc, { errors: 1, controlErrors: 2 });
  const shares: number[] = [];
  for (let step = 0; step < 5; step++) {
    shares.push((await getRolloutShare(contract.rpc, deployment_id)).share);
    await ageRollout(database, id, 60);
    const { failures, promoted } = await watchReleases(contract.rpc, { worker: "w" });
    assert.deepEqual([failures, promoted], [[], 1]);
  }
  assert.deepEqual(shares, [0.1, 0.25, 0.5, 0.75, 1]);
  const rollout = await readRollout(database, id);
  assert.deepEqual([rollout.status, rollout.share], ["promoted", 100]);
  const [deployment] = await database.query<{ status: string }>("select status from deployment_logs");
  assert.equal(deployment!.status, "kept");
  const verdicts = await database.query(
    "select kind, share, share_after, measured, n::integer, threshold from rollout_verdicts order by id limit 1",
  );
  assert.deepEqual(verdicts, [{
    kind: "promote",
    share: 10,
    share_after: 25,
    measured: 0.02,
    n: 2_900,
    threshold: 0.04,
  }]);
});

Deno.test("watchReleases() takes a release back that fails more often: nobody gets it any more, with the figures, once", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await letDeploymentsAct(database);
  const { id, deployment_id } = await began(database, contract.rpc, { errors: 5, controlErrors: 2 });
  const report = await watchReleases(contract.rpc, { worker: "w" });
  assert.deepEqual([report.failures, report.rolled_back], [[], 1]);
  assert.deepEqual(await getRolloutShare(contract.rpc, deployment_id), { share: 0, status: "rolling_back" });
  const [rollback] = await database.query<
    { automatic: boolean; status: string; reason: string; measured: { rule: string } }
  >(
    "select automatic, status, reason, measured from deployment_rollbacks",
  );
  assert.deepEqual([rollback!.automatic, rollback!.status, rollback!.measured.rule], [
    true,
    "pending",
    "worseThanControl",
  ]);
  assert.match(rollback!.reason, /errors: 10 % of 2900 against 2 % of 5800 at the same time; evidence/);
  await ageRollout(database, id, 60);
  await watchReleases(contract.rpc, { worker: "w" });
  assert.equal((await database.query("select from deployment_rollbacks")).length, 1);
});

Deno.test("watchReleases() only suggests where the mode does: a rollback waits for a person, and the share stays", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { id } = await began(database, contract.rpc, { errors: 5, controlErrors: 2 });
  await watchReleases(contract.rpc, { worker: "w" });
  const rollout = await readRollout(database, id);
  assert.deepEqual([rollout.status, rollout.share], ["rolling_back", 10]);
  const [waiting] = await database.query<{ status: string; status_reason: string }>(
    "select status, status_reason from deployment_logs where action = 'rollback'",
  );
  assert.equal(waiting!.status, "pending");
  assert.match(waiting!.status_reason, /waits for a person/);
});

Deno.test("watchReleases() waits for a person to go on where the mode does not let it", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { id } = await began(database, contract.rpc, { errors: 1, controlErrors: 2 });
  await watchReleases(contract.rpc, { worker: "w" });
  const rollout = await readRollout(database, id);
  assert.deepEqual([rollout.status, rollout.pause_rule, rollout.share], ["paused", "needsPerson", 10]);
  assert.equal(
    (await database.query("select from notifications where dedupe_key = $1", [`rollout:${id}`])).length,
    1,
  );
});

Deno.test("watchReleases() pauses for slowness, and never takes a release back for it", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await letDeploymentsAct(database);
  const { id } = await began(database, contract.rpc, { errors: 1, controlErrors: 2, slow: 30 });
  await watchReleases(contract.rpc, { worker: "w" });
  const rollout = await readRollout(database, id);
  assert.deepEqual([rollout.status, rollout.pause_rule], ["paused", "slower"]);
  assert.match(rollout.reason, /slow: 60 % of 2900 against 0 % at the same time/);
});

Deno.test("watchReleases() pauses when the data stop, goes on when they come again, and is not in a hurry then", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await letDeploymentsAct(database);
  const { id, deployment_id: deployment } = await began(database, contract.rpc, {
    errors: 1,
    controlErrors: 2,
  });
  await database.query(
    "delete from performance_metrics where tags ->> 'arm' = 'canary' and bucket_start > now() - interval '30 minutes'",
  );
  await watchReleases(contract.rpc, { worker: "w" });
  const stopped = await readRollout(database, id);
  assert.deepEqual([stopped.status, stopped.pause_rule], ["paused", "missingData"]);
  await countRequests(database, { from: 4, to: 2, n: 50, errors: 1, deployment, arm: "canary" });
  await ageRollout(database, id, 60);
  await watchReleases(contract.rpc, { worker: "w" });
  assert.deepEqual((({ status, share }) => [status, share])(await readRollout(database, id)), [
    "running",
    10,
  ]);
});

Deno.test("watchReleases() leaves it to a person to go back across a migration that destroyed something, and says what is lost", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await letDeploymentsAct(database);
  const files = [{
    path: "supabase/migrations/20261130_x.sql",
    content: "create table a (b int);\nalter table orders drop column note;",
  }];
  const { id } = await began(database, contract.rpc, { errors: 5, controlErrors: 2 }, { changes: { files } });
  await watchReleases(contract.rpc, { worker: "w" });
  const rollout = await readRollout(database, id);
  assert.deepEqual([rollout.status, rollout.pause_rule], ["paused", "destructive"]);
  assert.match(
    rollout.reason,
    /the values of the column \(supabase\/migrations\/20261130_x.sql:2: alter table orders drop column note\)/,
  );
  assert.equal((await database.query("select from deployment_rollbacks")).length, 0);
});

Deno.test("watchReleases() leaves it to a person when something was destroyed in the database since", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await letDeploymentsAct(database);
  const { id } = await began(database, contract.rpc, { errors: 5, controlErrors: 2 });
  await database.query(
    "insert into schema_versions (object_identity, command_tag, object_type, actor) values ('public.doomed', 'DROP TABLE', 'table', 'ada')",
  );
  await watchReleases(contract.rpc, { worker: "w" });
  const rollout = await readRollout(database, id);
  assert.deepEqual([rollout.status, rollout.pause_rule, rollout.share], ["paused", "rollbackRefused", 0]);
  assert.match(rollout.reason, /something was destroyed since: drop table of public.doomed/);
  const [refused] = await database.query<{ status: string }>("select status from deployment_rollbacks");
  assert.equal(refused!.status, "refused");
});

Deno.test("record_rollout_verdict() is for the holder of the claim: not after its lease, not twice, not after a person", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  const rollout = await startRollout(rpc, await readyRelease(database), FEATURE);
  const [first] = await claimRollouts(rpc, { worker: "one" });
  assert.deepEqual(await claimRollouts(rpc, { worker: "two" }), []);
  await recordRolloutVerdict(rpc, first!, WAIT);
  await fails("LEASE_LOST", recordRolloutVerdict(rpc, first!, WAIT));
  await ageRollout(database, rollout.id, 5);
  const [second] = await claimRollouts(rpc, { worker: "one" });
  await steerRollout(rpc, rollout.id, "pause", "we look ourselves");
  await fails("LEASE_LOST", recordRolloutVerdict(rpc, second!, { ...WAIT, kind: "promote" }));
  const [third] = await claimRollouts(rpc, { worker: "dies" });
  await database.query("update rollouts set lease_expires_at = clock_timestamp() - interval '1 second'");
  const [fourth] = await claimRollouts(rpc, { worker: "lives" });
  assert.ok(fourth!.claim_number > third!.claim_number);
  await fails("LEASE_LOST", recordRolloutVerdict(rpc, third!, WAIT));
  await recordRolloutVerdict(rpc, fourth!, WAIT);
  assert.equal((await readRollout(database, rollout.id)).pause_rule, "person");
});

Deno.test("record_rollout_verdict() refuses what is no verdict", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await startRollout(contract.rpc, await readyRelease(database), FEATURE);
  const [claimed] = await claimRollouts(contract.rpc, { worker: "w" });
  for (
    const verdict of [{}, { ...WAIT, kind: "delete" }, { ...WAIT, reason: " " }, { ...WAIT, rule: "" }, null]
  ) {
    // deno-lint-ignore no-explicit-any -- what no caller of ours sends
    await fails("BAD_REQUEST", recordRolloutVerdict(contract.rpc, claimed!, verdict as any));
  }
});

Deno.test("watchReleases() of two engines at once looks at each of ten rollouts once", async () => {
  await using database = await createTestDatabase();
  const engines = await Promise.all([1, 2, 3, 4].map(() => openContract(database)));
  for (let project = 0; project < 10; project++) {
    await startRollout(
      engines[0]!.rpc,
      await readyRelease(database, { projectId: `shop-${project}` }),
      FEATURE,
    );
  }
  const reports = await Promise.all(
    engines.map(({ rpc }, index) => watchReleases(rpc, { worker: `w${index}` })),
  );
  assert.deepEqual(reports.flatMap(({ failures }) => failures), []);
  assert.equal(reports.reduce((sum, { looked }) => sum + looked, 0), 10);
  assert.equal((await database.query("select from rollout_verdicts")).length, 10);
  await Promise.all(engines.map((engine) => engine[Symbol.asyncDispose]()));
});

Deno.test("watchReleases() is not led astray by a clock that jumps back or ahead", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await letDeploymentsAct(database);
  const { id } = await began(database, contract.rpc, { errors: 1, controlErrors: 2 });
  await database.query(
    "update rollouts set started_at = now() + interval '3 hours', step_started_at = now() + interval '3 hours'",
  );
  await watchReleases(contract.rpc, { worker: "w" });
  assert.equal((await readRollout(database, id)).share, 10);
  await ageRollout(database, id, 60 * 24 * 400);
  await watchReleases(contract.rpc, { worker: "w" });
  const { status } = await readRollout(database, id);
  assert.ok(["running", "paused"].includes(status), status);
});

Deno.test("claim_rollouts() watches what was deployed by itself, and ends it when a later deployment has taken its place", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const changes = { functions: [{ slug: "checkout" }] };
  await readyRelease(database, { changes, minutesAgo: 30 });
  await watchReleases(contract.rpc, { worker: "w" });
  const [first] = await database.query<StoredRollout>("select * from rollouts");
  assert.deepEqual([first!.mode, first!.share, first!.function_names], ["provider", 100, ["checkout"]]);
  await readyRelease(database, { changes });
  await watchReleases(contract.rpc, { worker: "w" });
  const rows = await database.query<{ status: string }>("select status from rollouts order by started_at");
  assert.deepEqual(rows.map(({ status }) => status), ["superseded", "running"]);
});

Deno.test("claim_rollouts() watches the functions whose files were changed or that were mended, and not what has none", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const files = [{ path: "supabase/functions/pay/index.ts" }, { path: "supabase/functions/_shared/x.ts" }, {
    path: "README.md",
  }];
  await readyRelease(database, { projectId: "a", changes: { files, fix: { function: "checkout" } } });
  await readyRelease(database, { projectId: "b", changes: { files: "odd", functions: { slug: "x" } } });
  await watchReleases(contract.rpc, { worker: "w" });
  const rows = await database.query<StoredRollout>("select * from rollouts");
  assert.deepEqual(rows.map(({ function_names }) => function_names), [["checkout", "pay"]]);
});

Deno.test("watchReleases() keeps what everybody has already without a person, whatever the mode", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await usual(database);
  await readyRelease(database, { minutesAgo: 60, changes: { functions: [{ slug: "checkout" }] } });
  await watchReleases(contract.rpc, { worker: "w" });
  const [{ id }] = await database.query<{ id: string }>("select id from rollouts") as [{ id: string }];
  await ageRollout(database, id, 60);
  await countRequests(database, { from: 59, to: 2, n: 50, errors: 1 });
  await watchReleases(contract.rpc, { worker: "w" });
  assert.equal((await readRollout(database, id)).status, "promoted");
  const [{ status }] = await database.query<{ status: string }>("select status from deployment_logs") as [
    { status: string },
  ];
  assert.equal(status, "kept");
});

Deno.test("settle_rollouts() ends what was rolled back, and leaves a rollback that failed to a person", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await letDeploymentsAct(database);
  const { id } = await began(database, contract.rpc, { errors: 5, controlErrors: 2 });
  await watchReleases(contract.rpc, { worker: "w" });
  await database.query(
    "update deployment_rollbacks set status = 'failed', outcome = 'the provider said no', finished_at = now()",
  );
  await watchReleases(contract.rpc, { worker: "w" });
  const failed = await readRollout(database, id);
  assert.deepEqual([failed.status, failed.pause_rule, failed.share], ["paused", "rollbackFailed", 0]);
  // A person has done it by hand.
  await database.query(
    "update deployment_logs set status = 'rolled_back', settled_at = now() where action = 'deploy'",
  );
  await watchReleases(contract.rpc, { worker: "w" });
  assert.equal((await readRollout(database, id)).status, "rolled_back");
});

Deno.test("advance_rollout() and the other moves are for admins with a reason, and are kept", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const rollout = await startRollout(contract.rpc, await readyRelease(database), FEATURE);
  const move = (name: string, reason: string, claims: Record<string, unknown>) =>
    database.asRole(
      "authenticated",
      claims,
      (session) =>
        session.query<{ row: StoredRollout }>(`select ${name}_rollout($1, $2) as row`, [rollout.id, reason]),
    ).then(([row]) => row!.row);
  const admin = { email: "ada@example.com", app_metadata: { role: "admin" } };
  await assert.rejects(move("advance", "why", { email: "eve@example.com" }));
  await assert.rejects(move("advance", " ", admin));
  await assert.rejects(
    database.rpc("advance_rollout", { p_rollout_id: rollout.id, p_reason: "a machine" }, "service_role"),
  );
  await assert.rejects(
    database.rpc("advance_rollout", { p_rollout_id: rollout.id, p_reason: "nobody" }, "anon"),
  );
  assert.equal((await move("advance", "looks right", admin)).share, 25);
  assert.equal((await move("pause", "lunch", admin)).status, "paused");
  await assert.rejects(move("pause", "again", admin));
  assert.equal((await move("resume", "back", admin)).status, "running");
  assert.deepEqual((({ status, share }) => [status, share])(await move("promote", "sure", admin)), [
    "promoted",
    100,
  ]);
  await assert.rejects(move("roll_back", "too late", admin));
  const kept = await database.query<{ rule: string; actor: string }>(
    "select rule, actor from rollout_verdicts order by id",
  );
  assert.deepEqual(kept.map(({ rule }) => rule), ["advance", "pause", "resume", "promote"]);
  assert.ok(kept.every(({ actor }) => actor === "ada@example.com"));
});

Deno.test("roll_back_rollout() of an admin lets nobody have it at once, kill switch or not", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const rollout = await startRollout(contract.rpc, await readyRelease(database), FEATURE);
  await database.query("select change_healing_setting('enabled', 'false', 'stop')");
  const after = await steerRollout(contract.rpc, rollout.id, "roll_back", "customers call");
  assert.deepEqual([after.status, after.share], ["rolling_back", 0]);
});

Deno.test("get_rollout_curve() shows both arms by the minute and every verdict, to admins only", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { id } = await began(database, contract.rpc, { errors: 1, controlErrors: 2 });
  await watchReleases(contract.rpc, { worker: "w" });
  const curve = await getRolloutCurve(contract.rpc, id);
  const full = curve!.minutes.filter(([, n]) => n > 0);
  assert.equal(full.length, 58);
  assert.deepEqual(full[0]!.slice(1), [50, 1, 0, 100, 2, 0]);
  assert.equal(curve!.verdicts.length, 1);
  const seen = await database.asRole(
    "authenticated",
    { email: "eve@example.com" },
    (session) => session.query<{ curve: unknown }>("select get_rollout_curve($1) as curve", [id]),
  );
  assert.equal(seen[0]!.curve, null);
});
