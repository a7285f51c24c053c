/** Who begins, claims, moves and ends rollouts in the database, and who may not. */

import assert from "node:assert/strict";
import { isHealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { watchReleases } from "../../supabase/functions/_shared/releaseWatch.ts";
import {
  claimRollouts,
  getRolloutCurve,
  recordRolloutVerdict,
  startRollout,
  steerRollout,
  type StoredRollout,
} from "../../supabase/functions/_shared/rolloutDb.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";
import {
  ageRollout,
  began,
  countRequests,
  FEATURE,
  letDeploymentsAct,
  readRollout,
  readyRelease,
} from "../helpers/rollouts.ts";

const WAIT = { kind: "wait" as const, rule: "tooEarly", reason: "a test", figures: [] };

function fails(code: string, work: Promise<unknown>): Promise<void> {
  return assert.rejects(work, (thrown) => isHealingError(thrown) && thrown.code === code);
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
    await fails(
      "BAD_REQUEST",
      contract.rpc.call("record_rollout_verdict", {
        p_rollout_id: claimed!.id,
        p_claim_number: claimed!.claim_number,
        p_verdict: verdict,
      }),
    );
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
