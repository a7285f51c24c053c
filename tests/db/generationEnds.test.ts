import assert from "node:assert/strict";
import { createTestDatabase } from "../helpers/database.ts";
import { begin, claim, expireLease, passLimit, save } from "../helpers/generations.ts";

Deno.test("reap_generations ends what is over its limit, and calls for what waits or lost its worker", async () => {
  await using database = await createTestDatabase();
  const [late, lost, running, waiting] = [
    await begin(database),
    await begin(database),
    await begin(database),
    await begin(database, { subject: "user-2" }),
  ];
  await claim(database, lost.request_id);
  await expireLease(database, lost.request_id);
  await claim(database, running.request_id);
  await passLimit(database, late.request_id);
  await database.query("update generation_requests set updated_at = now() - interval '1 minute'");
  const reap = () => database.rpc("reap_generations");
  assert.deepEqual(await reap(), { failed: 1, called: 2 });
  assert.deepEqual(await reap(), { failed: 0, called: 0 }, "those are called already");
  const called = await database.query<{ id: string }>(
    "select id from generation_requests where dispatched_at is not null order by id",
  );
  assert.deepEqual(called.map(({ id }) => id), [lost.request_id, waiting.request_id].sort());
  const failed = await database.query(
    "select failure ->> 'code' as code from generation_requests where id = $1",
    [
      late.request_id,
    ],
  );
  assert.deepEqual(failed, [{ code: "TIMEOUT" }]);
});

Deno.test("each move of a generation is broadcast on its project's channel", async () => {
  await using database = await createTestDatabase();
  const claimed = await claim(database, (await begin(database)).request_id);
  await database.rpc("checkpoint_generation", {
    p_request_id: claimed.request_id,
    p_claim_number: claimed.claim_number,
    p_checkpoint: { stage: "writing", progress: 30, message: "writes 3 files" },
  });
  await passLimit(database, claimed.request_id);
  await expireLease(database, claimed.request_id);
  await claim(database, claimed.request_id);
  const told = await database.query<{ event: string; topic: string; payload: Record<string, unknown> }>(
    "select event, topic, payload from realtime.messages order by inserted_at, event desc",
  );
  assert.deepEqual(told.map(({ event, payload }) => [event, payload.status, payload.progress]), [
    ["generation:progress", "queued", 0],
    ["generation:progress", "running", 30],
    ["generation:timeout", "error", 30],
  ]);
  assert.equal(told[0]!.topic, `ai-status-${claimed.project_id}`);
  assert.match(told[2]!.payload.message as string, /did not end within 300 s: it was writing, 30 % done/);
});

Deno.test("move_generated_migration lets a migration be applied once", async () => {
  await using database = await createTestDatabase();
  const claimed = await claim(database, (await begin(database)).request_id);
  await save(database, claimed, {
    p_project: {
      title: "x",
      plan: {},
      migration: {
        path: "supabase/migrations/1_a.sql",
        sql: "create table a ()",
        status: "rehearsed",
        report: {},
      },
    },
  });
  const move = (status: string) =>
    database.rpc("move_generated_migration", { p_project_id: claimed.project_id, p_status: status });
  assert.equal(await move("applied"), false);
  const started = await Promise.all([move("applying"), move("applying"), move("applying")]);
  assert.deepEqual(started.toSorted(), [false, false, true]);
  assert.equal(await move("applied"), true);
  assert.equal(await move("applying"), false);
});

Deno.test("purge_generations takes what is old and nobody's, and no user's project", async () => {
  await using database = await createTestDatabase();
  await save(database, await claim(database, (await begin(database)).request_id));
  await save(database, await claim(database, (await begin(database, { is_test: true })).request_id));
  await database.query("update generated_projects set created_at = now() - interval '2 years'");
  await database.query("update generation_requests set finished_at = now() - interval '2 years'");
  await database.query("update generation_quality_metrics set created_at = now() - interval '2 years'");
  assert.deepEqual(await database.rpc("purge_generations"), {
    generation_requests: 2,
    test_projects: 1,
    generation_quality_metrics: 0,
    generation_failures: 0,
  });
  assert.equal((await database.query("select from generated_projects")).length, 1);
});
