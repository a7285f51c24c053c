/** Which deployment an error came with, as the engine finds it out and an admin reads it. */

import assert from "node:assert/strict";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { createHealingEngine } from "../../supabase/functions/_shared/healingEngine.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { createDeploymentProposer, watchReleases } from "../../supabase/functions/_shared/releaseWatch.ts";
import { occurrence, openContract } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { countRequests, readyRelease } from "../helpers/rollouts.ts";

const PLACES = `
  select c.deployment_id as id, c.place, c.score, c.reason, c.details from deployment_correlations as c order by c.place`;

interface Place extends Record<string, unknown> {
  id: string;
  place: number;
  score: number;
  reason: string;
  details: { shift: { n: number; againstBaseline: number }; evidence: number; overlap: number };
}

Deno.test("watchReleases() finds the deployment that an error came with, by time, files and error rate", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await countRequests(database, { from: 600, to: 31, n: 100, errors: 1 });
  await countRequests(database, { from: 29, to: 2, n: 100, errors: 12 });
  const guilty = await readyRelease(database, {
    minutesAgo: 30,
    changes: { files: [{ path: "src/checkout/price.ts" }] },
  });
  const innocent = await readyRelease(database, {
    projectId: "blog",
    minutesAgo: 28,
    changes: { functions: [{ slug: "blog" }] },
  });
  await captureErrors(contract.rpc, [
    occurrence({
      stack_trace: "TypeError: x\n    at total (file:///home/deno/functions/src/checkout/price.ts:7:1)",
    }),
  ]);
  await database.query(
    "update detected_errors set first_seen_at = clock_timestamp() - interval '25 minutes'",
  );
  const report = await watchReleases(contract.rpc, { worker: "w" });
  assert.deepEqual([report.failures, report.errors_correlated], [[], 1]);
  const places = await database.query<Place>(PLACES);
  assert.deepEqual(places.map(({ id }) => id), [guilty, innocent]);
  const [first] = places;
  assert.ok(first!.score > 0.9, first!.reason);
  assert.match(
    first!.reason,
    /^it began [45] minutes after it; the trace names src\/checkout\/price.ts; evidence that the error rate/,
  );
  assert.ok(
    first!.details.shift.n >= 2_700 && first!.details.shift.againstBaseline > 1e6,
    JSON.stringify(first!.details),
  );
  await watchReleases(contract.rpc, { worker: "w" });
  assert.equal((await database.query("select from deployment_correlations")).length, 2);
});

Deno.test("watchReleases() accuses nothing that was deployed later, long before, or for another project", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await readyRelease(database, { minutesAgo: 5 });
  await readyRelease(database, { projectId: "old", minutesAgo: 3_000 });
  await readyRelease(database, { projectId: "other", minutesAgo: 65 });
  await captureErrors(contract.rpc, [occurrence({ project_id: "shop" })]);
  await database.query("update detected_errors set first_seen_at = clock_timestamp() - interval '1 hour'");
  const report = await watchReleases(contract.rpc, { worker: "w" });
  assert.deepEqual(report.failures, []);
  assert.equal((await database.query("select from deployment_correlations")).length, 0);
});

Deno.test("watchReleases() says of an error without figures that nothing can be told, and ranks it all the same", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await readyRelease(database, {
    minutesAgo: 10,
    changes: { functions: [{ slug: "checkout" }], files: "none", other: null },
  });
  await captureErrors(contract.rpc, [occurrence({})]);
  await watchReleases(contract.rpc, { worker: "w" });
  const [place] = await database.query<Place>(PLACES);
  assert.match(
    place!.reason,
    /it changed the function checkout; whether the error rate has risen cannot be told$/,
  );
});

Deno.test("the engine proposes to take back the deployment that an error came with, and a person decides", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  await countRequests(database, { from: 600, to: 31, n: 100, errors: 1 });
  await countRequests(database, { from: 29, to: 2, n: 100, errors: 12 });
  const guilty = await readyRelease(database, {
    minutesAgo: 30,
    changes: { functions: [{ slug: "checkout" }] },
  });
  await captureErrors(rpc, [occurrence({
    fingerprint: "v1:odd",
    error_signature: "TypeError: $1 is odd",
    error_template: "TypeError: x is odd",
    error_message: "x is odd",
    error_type: "type_error",
    error_code: "TypeError",
    category: "runtime",
    project_id: "shop",
  })]);
  await database.query(
    "update detected_errors set first_seen_at = clock_timestamp() - interval '25 minutes'",
  );
  await using engine = createHealingEngine({
    db: rpc,
    openDirect: () => openDirectConnection(database.url),
    worker: crypto.randomUUID(),
    proposers: { context: createDeploymentProposer(rpc) },
  });
  await engine.detectAndHeal();
  const [fix] = await database.query<{ action: unknown; status: string; tier: string; reason: string }>(
    "select f.action, f.status, f.tier, q.status as asked from auto_fixes as f join admin_approval_queue as q on q.auto_fix_id = f.id",
  );
  assert.deepEqual(fix, {
    action: { kind: "rollback_deployment", deployment: guilty },
    status: "awaiting_approval",
    tier: "context",
    asked: "pending",
  });
});

Deno.test("createDeploymentProposer() accuses nobody by time alone, nor without figures", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await readyRelease(database, { minutesAgo: 1 });
  await captureErrors(contract.rpc, [occurrence({ project_id: "shop" })]);
  const [error] = await database.query<{ id: string }>("select id from detected_errors");
  assert.deepEqual(await createDeploymentProposer(contract.rpc)(error!), []);
  assert.deepEqual(await createDeploymentProposer(contract.rpc)({ id: crypto.randomUUID() }), []);
});
