/** What the watch makes of releases: on in steps, held up, taken back, or left to people. */

import assert from "node:assert/strict";
import { watchReleases } from "../../supabase/functions/_shared/releaseWatch.ts";
import { getRolloutShare } from "../../supabase/functions/_shared/rolloutDb.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";
import {
  ageRollout,
  began,
  countRequests,
  letDeploymentsAct,
  readRollout,
  readyRelease,
  usual,
} from "../helpers/rollouts.ts";

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
  for (let look = 0; look < 3; look++) {
    await database.query("update rollouts set next_look_at = clock_timestamp()");
    await watchReleases(contract.rpc, { worker: "w" });
  }
  assert.equal(
    (await database.query("select from rollout_verdicts")).length,
    1,
    "the same answer is kept once",
  );
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
  assert.deepEqual([rollout.status, rollout.pause_rule, rollout.share], ["paused", "destructive", 0]);
  const [told] = await database.query<{ severity: string }>(
    "select severity from notifications where dedupe_key = $1",
    [`rollout:${id}`],
  );
  assert.equal(told!.severity, "critical");
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
