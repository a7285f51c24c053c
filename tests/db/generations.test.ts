import assert from "node:assert/strict";
import { createTestDatabase } from "../helpers/database.ts";
import {
  begin,
  claim,
  expireLease,
  type Generation,
  METRICS,
  passLimit,
  save,
} from "../helpers/generations.ts";

const UNKNOWN = "00000000-0000-4000-8000-00000000dead";

Deno.test("begin_generation begins once for each request id, and refuses the id for another wish", async () => {
  await using database = await createTestDatabase();
  const id = crypto.randomUUID();
  const first = await begin(database, { id });
  assert.equal(first.begun, true);
  assert.equal(first.status, "queued");
  const again = await begin(database, { id });
  assert.equal(again.begun, false);
  assert.equal(again.project_id, first.project_id);
  await assert.rejects(begin(database, { id, user_request: "a shop" }), { code: "PT409" });
  await assert.rejects(begin(database, { user_request: "  " }), { code: "PT400" });
  await assert.rejects(begin(database, { user_request: "x".repeat(20_001) }), { code: "PT400" });
});

Deno.test("begin_generation at once with one id begins one generation", async () => {
  await using database = await createTestDatabase();
  const id = crypto.randomUUID();
  const begun = await Promise.all(Array.from({ length: 8 }, () => begin(database, { id })));
  assert.equal(begun.filter((one) => one.begun).length, 1);
  assert.equal(new Set(begun.map((one) => one.project_id)).size, 1);
});

Deno.test("begin_generation lets a subject have as many as the setting says, also when they come at once", async () => {
  await using database = await createTestDatabase();
  const begun = await Promise.allSettled(Array.from({ length: 8 }, () => begin(database)));
  assert.equal(begun.filter(({ status }) => status === "fulfilled").length, 3);
  for (const one of begun) {
    if (one.status === "rejected") assert.equal((one.reason as { code: string }).code, "PT429");
  }
  assert.equal((await begin(database, { subject: "user-2" })).begun, true);
  assert.equal((await begin(database, { is_test: true })).begun, true, "a test does not take a user's place");
  await database.query("update healing_settings set wanted = '2' where key = 'max_generations'");
  await assert.rejects(begin(database, { subject: "user-3" }), { code: "PT429" });
});

Deno.test("begin_generation never writes over a project, nor lets two generate one", async () => {
  await using database = await createTestDatabase();
  const projectId = crypto.randomUUID();
  const first = await begin(database, { project_id: projectId });
  await assert.rejects(begin(database, { project_id: projectId, subject: "user-2" }), { code: "PT409" });
  await save(database, await claim(database, first.request_id));
  await assert.rejects(begin(database, { project_id: projectId, subject: "user-2" }), { code: "PT409" });
});

Deno.test("claim_generation gives a generation to one worker, with a fencing number", async () => {
  await using database = await createTestDatabase();
  const { request_id: id } = await begin(database);
  const claims = await Promise.all(
    Array.from({ length: 6 }, (_, index) => claim(database, id, `worker-${index}`)),
  );
  assert.equal(claims.filter(({ claimed }) => claimed).length, 1);
  await assert.rejects(claim(database, UNKNOWN), { code: "PT404" });
});

Deno.test("checkpoint_generation keeps plan and files for the worker that takes over, and shuts the late one out", async () => {
  await using database = await createTestDatabase();
  const { request_id: id } = await begin(database);
  const late = await claim(database, id);
  const keep = (own: Generation, files: unknown[]) =>
    database.rpc("checkpoint_generation", {
      p_request_id: id,
      p_claim_number: own.claim_number,
      p_checkpoint: { state: { chunk: 1 }, stage: "writing", progress: 40, message: "wrote one" },
      p_files: files,
    });
  await keep(late, [{ path: "a.ts", content: "1" }]);
  await keep(late, [{ path: "a.ts", content: "2" }, { path: "b.ts", content: "" }]);
  await expireLease(database, id);
  await assert.rejects(keep(late, []), { code: "PT409" });
  const next = await claim(database, id, "worker-2");
  assert.equal(next.claimed, true);
  assert.deepEqual(next.checkpoint, { chunk: 1 });
  assert.deepEqual(next.drafts, [{ path: "a.ts", content: "2" }, { path: "b.ts", content: "" }]);
  assert.equal(next.stage, "writing");
  assert.equal(next.progress, 40);
  await assert.rejects(save(database, late), { code: "PT409" });
  await assert.rejects(
    database.rpc("renew_generation", { p_request_id: id, p_claim_number: late.claim_number }),
    { code: "PT409" },
  );
  await save(database, next);
  assert.deepEqual(await database.query("select from healing_private.generation_drafts"), []);
});

Deno.test("save_generated_project saves project, files and metrics together", async () => {
  await using database = await createTestDatabase();
  const claimed = await claim(database, (await begin(database)).request_id);
  const saved = await save(database, claimed);
  assert.equal(saved.status, "completed");
  assert.deepEqual(saved.files, [{ path: "index.html" }, { path: "src/App.tsx" }]);
  assert.equal(saved.project?.file_count, 2);
  assert.equal(saved.project?.total_bytes, 15);
  assert.equal(saved.project?.quality_score, 100);
  assert.equal(saved.quality?.validation_passed, true);
  const read = await database.rpc<{ metrics: unknown[]; files: { content: string }[] }>(
    "read_generated_project",
    {
      p_project_id: claimed.project_id,
    },
  );
  assert.equal(read.metrics.length, 1);
  assert.deepEqual(read.files.map(({ content }) => content), ["<html></html>", "é"]);
  await assert.rejects(save(database, claimed), { code: "PT409" });
});

Deno.test("save_generated_project saves nothing when one file, the metrics or the time do not fit", async () => {
  await using database = await createTestDatabase();
  const claimed = await claim(database, (await begin(database)).request_id);
  const badPaths = [
    "../up.ts",
    "/etc/passwd",
    "a/../b",
    "a\\b",
    "C:x",
    "a//b",
    "~/x",
    "a\nb",
    "",
    "a/",
    "./a",
  ];
  for (const path of badPaths) {
    const files = [{ path: "good.ts", content: "1" }, { path, content: "2" }];
    await assert.rejects(save(database, claimed, { p_files: files }), { code: "PT409" }, path);
  }
  const twins = [{ path: "App.tsx", content: "1" }, { path: "app.tsx", content: "2" }];
  await assert.rejects(save(database, claimed, { p_files: twins }), { code: "PT409" });
  await assert.rejects(save(database, claimed, { p_files: [] }), { code: "PT400" });
  await assert.rejects(save(database, claimed, { p_metrics: { ...METRICS, quality_score: 101 } }), {
    code: "PT409",
  });
  await passLimit(database, claimed.request_id);
  await assert.rejects(save(database, claimed), { code: "PT504" });
  for (const table of ["generated_projects", "generated_files", "generation_quality_metrics"]) {
    assert.deepEqual(await database.query(`select from ${table}`), [], table);
  }
});

Deno.test("fail_generation records the failure for the tests that failures make, and a test's own failure for nobody", async () => {
  await using database = await createTestDatabase();
  const failWith = async (changes: Record<string, unknown>) => {
    const claimed = await claim(database, (await begin(database, changes)).request_id);
    return await database.rpc<Generation>("fail_generation", {
      p_request_id: claimed.request_id,
      p_claim_number: claimed.claim_number,
      p_failure: {
        code: "JSON_TRUNCATED",
        error_type: "plan_truncated",
        message: "The reply was cut",
        failure_category: "model_reply",
        severity: "medium",
        hint: "Ask for less",
      },
    });
  };
  const failed = await failWith({});
  assert.equal(failed.status, "failed");
  assert.equal(failed.failure?.code, "JSON_TRUNCATED");
  await failWith({});
  await failWith({ is_test: true });
  assert.deepEqual(await database.query("select from auto_generated_tests"), []);
  await failWith({});
  const rows = await database.query(
    "select distinct error_type, failure_category, severity, framework, user_request, details ->> 'stage' as stage from generation_failures",
  );
  assert.deepEqual(rows, [{
    error_type: "plan_truncated",
    failure_category: "model_reply",
    severity: "medium",
    framework: "react-vite",
    user_request: "a to-do list",
    stage: "planning",
  }]);
  assert.equal((await database.query("select from generation_failures")).length, 3);
  assert.equal((await database.query("select from auto_generated_tests")).length, 1);
});

Deno.test("claim_generation ends what is over its limit, and what has lost three workers in a row", async () => {
  await using database = await createTestDatabase();
  const late = await begin(database);
  await passLimit(database, late.request_id);
  const ended = await claim(database, late.request_id);
  assert.equal(ended.claimed, false);
  assert.equal(ended.failure?.code, "TIMEOUT");
  const poison = await begin(database);
  for (let count = 0; count < 3; count++) {
    assert.equal((await claim(database, poison.request_id)).claimed, true);
    await expireLease(database, poison.request_id);
  }
  const given = await claim(database, poison.request_id);
  assert.equal(given.claimed, false);
  assert.equal(given.failure?.error_type, "generation_workers_lost");
});

Deno.test("resume_generation lets a failed generation go on from its checkpoint, and only that", async () => {
  await using database = await createTestDatabase();
  const { request_id: id } = await begin(database);
  const resume = () => database.rpc<Generation>("resume_generation", { p_request_id: id });
  assert.equal((await resume()).resumed, false);
  const claimed = await claim(database, id);
  await database.rpc("checkpoint_generation", {
    p_request_id: id,
    p_claim_number: claimed.claim_number,
    p_checkpoint: { state: { plan: 1 } },
    p_files: [{ path: "a.ts", content: "1" }],
  });
  await passLimit(database, id);
  await expireLease(database, id);
  await claim(database, id);
  const resumed = await resume();
  assert.equal(resumed.resumed, true);
  assert.equal(resumed.status, "queued");
  const next = await claim(database, id);
  assert.deepEqual([next.checkpoint, next.drafts.length], [{ plan: 1 }, 1]);
  await save(database, next);
  assert.equal((await resume()).resumed, false);
});
