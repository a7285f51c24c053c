import assert from "node:assert/strict";
import { createHandler } from "../../supabase/functions/mega-mind-orchestrator/handler.ts";
import { fenceUntrusted } from "../../supabase/functions/_shared/aiClient.ts";
import { systemClock } from "../../supabase/functions/_shared/core/clock.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { clientOf, hurriedClock } from "../helpers/aiClients.ts";
import { MACHINE_KEY, MACHINE_SETTINGS } from "../helpers/engineServer.ts";
import { expireLease } from "../helpers/generations.ts";
import {
  builds,
  isPlan,
  type MegaAnswer,
  type MegaMind,
  PROJECT,
  QUICK,
  saved,
  serveMegaMind,
  wantedIn,
} from "../helpers/megaMind.ts";
import { hangs } from "../helpers/openAiReplies.ts";
import { waitFor } from "../helpers/waiting.ts";

const WHOLE = { projects: 1, files: 11, metrics: 1 };

/** Another instance of the same function, on the same database. */
function another(mega: MegaMind, db: RpcPort = mega.server.contract.rpc) {
  const handler = createHandler({
    settings: MACHINE_SETTINGS,
    db,
    model: clientOf([mega.model], { db, clock: hurriedClock([]) }),
    fence: fenceUntrusted,
    instanceId: crypto.randomUUID(),
    logger: silentLogger,
    limits: QUICK,
  });
  return async (body: object): Promise<{ status: number; body: MegaAnswer }> => {
    const answer = await handler(
      new Request("http://project.test/functions/v1/f", {
        method: "POST",
        headers: { apikey: MACHINE_KEY },
        body: JSON.stringify(body),
      }),
    );
    return { status: answer.status, body: await answer.json() };
  };
}

async function setLimit(mega: MegaMind, seconds: number): Promise<void> {
  await mega.database.query("update healing_settings set wanted = $1 where key = 'generation_seconds'", [
    JSON.stringify(seconds),
  ]);
}

/** Answers the plan and the first files, and then hangs. */
function hangsAfterFirstFiles() {
  const build = builds();
  let count = 0;
  return (request: Parameters<typeof build>[0]) =>
    isPlan(request) || count++ === 0 ? build(request) : hangs()(request);
}

Deno.test("a generation that reaches its limit stops its model, tells its channel, and fails with its checkpoint kept", async () => {
  await using mega = await serveMegaMind({}, { clock: systemClock });
  await setLimit(mega, 2);
  mega.model.always(hangsAfterFirstFiles());
  const startedAt = performance.now();
  const { status, body } = await mega.ask({ request: "a list", framework: "react", wait_seconds: 60 });
  assert.ok(performance.now() - startedAt < 8_000, "never far past the limit");
  assert.deepEqual([status, body.code, body.error_type], [504, "TIMEOUT", "generation_timeout"]);
  await mega.model.hungUp(2);
  assert.deepEqual(await saved(mega.database), { projects: 0, files: 0, metrics: 0 });
  const [told] = await mega.database.query<{ payload: { status: string; message: string } }>(
    "select payload from realtime.messages where event = 'generation:timeout'",
  );
  assert.equal(told!.payload.status, "error");
  assert.match(told!.payload.message, /did not end in time: 4 of 6 files were written/);
  await waitFor("the event", async () =>
    (await mega.database.query(
      "select from healing_events where event_type = 'timeout' and result = 'failure' and request_id = $1",
      [body.request_id],
    )).length === 1);
  const failures = await mega.database.query(
    "select error_type, failure_category, severity from generation_failures",
  );
  assert.deepEqual(failures, [{
    error_type: "generation_timeout",
    failure_category: "timeout",
    severity: "high",
  }]);

  await setLimit(mega, 300);
  const asked: string[][] = [];
  const build = builds();
  mega.model.always((request) => {
    assert.ok(!isPlan(request), "the plan is there");
    asked.push(wantedIn(request));
    return build(request);
  });
  const resumed = await mega.ask({ request_id: body.request_id, resume: true, wait_seconds: 60 });
  assert.deepEqual([resumed.status, resumed.body.status], [200, "completed"]);
  assert.deepEqual(asked.flat(), Object.keys(PROJECT).slice(4), "only what was missing is written");
  assert.deepEqual(await saved(mega.database), WHOLE);
});

Deno.test("a generation whose worker has little time is left to the next invocation, which is called", async () => {
  await using mega = await serveMegaMind({ remainingMs: () => 30_000, limits: {} });
  mega.model.always(builds());
  const { status, body } = await mega.ask({ request: "a list", framework: "react", wait_seconds: 0 });
  assert.equal(status, 202);
  const dispatched = () =>
    mega.database.query<{ body: { request_id: string; run_id: string; trigger: string } }>(
      "select convert_from(body, 'utf8')::jsonb as body from net.http_request_queue where url like '%mega-mind-orchestrator'",
    );
  await waitFor(
    "the release",
    async () =>
      (await mega.database.query("select from generation_requests where dispatched_at is not null"))
        .length === 1,
  );
  assert.equal(mega.model.requests.length, 0, "nothing was begun that could not be ended");
  const [run] = await mega.database.query<{ id: string; trigger: string; status: string }>(
    "select id, trigger, status from healing_runs where function_name = 'mega-mind-orchestrator'",
  );
  // Without Vault's entries the call cannot leave, which the run says; the schedule or a poll takes it up.
  const calls = await dispatched().catch(() => []);
  assert.deepEqual([calls.length, run!.trigger], [run!.status === "failed" ? 0 : 1, "generation goes on"]);
  const next = another(mega);
  const [own] = await mega.database.query<{ id: string }>(
    "insert into healing_runs (function_name, trigger) values ('mega-mind-orchestrator', 'reaper') returning id",
  );
  const taken = await next({ request_id: body.request_id, run_id: own!.id, trigger: "reaper" });
  assert.equal(taken.status, 202);
  await waitFor(
    "the run's end",
    async () =>
      (await mega.database.query("select from healing_runs where id = $1 and status = 'finished'", [own!.id]))
        .length ===
        1,
  );
  const done = await next({ request_id: body.request_id });
  assert.deepEqual([done.status, done.body.status], [200, "completed"]);
});

Deno.test("a generation whose worker vanished goes on from its checkpoint, and the late worker changes nothing", async () => {
  await using mega = await serveMegaMind();
  const gate = Promise.withResolvers<void>();
  const build = builds();
  let count = 0;
  mega.model.always(async (request) => {
    if (!isPlan(request) && count++ === 1) await gate.promise;
    return await build(request);
  });
  const { body: { request_id } } = await mega.ask({ request: "a list", framework: "react", wait_seconds: 0 });
  await mega.model.received(3);
  await expireLease(mega.database, request_id);
  const next = another(mega);
  const done = await next({ request_id, wait_seconds: 60 });
  assert.deepEqual([done.status, done.body.status, done.body.claims], [200, "completed", 2]);
  gate.resolve();
  await waitFor("the late worker", () => mega.model.requests.length >= 4);
  const again = await mega.ask({ request_id, wait_seconds: 1 });
  assert.deepEqual([again.body.status, again.body.files.length], ["completed", 11]);
  assert.deepEqual(await saved(mega.database), WHOLE);
  assert.deepEqual(await mega.database.query("select from generation_failures"), []);
});

Deno.test("a generation checks one slice of its files an invocation, and judges them all in the end", async () => {
  await using mega = await serveMegaMind({ limits: { ...QUICK, sliceMs: 0 } });
  const broken = {
    ...PROJECT,
    "src/more.ts": 'import { shout } from "./lib/format";\n\nexport const more = 1;\n',
  };
  mega.model.always(builds(broken));
  const { status, body } = await mega.ask({ request: "a list", framework: "react", wait_seconds: 0 });
  assert.equal(status, 202);
  let last = { status, body };
  await waitFor("the project", async () => {
    last = await mega.ask({ request_id: body.request_id });
    return last.status !== 202;
  }, 60_000);
  assert.deepEqual([last.status, last.body.status], [200, "completed"], JSON.stringify(last.body));
  assert.ok(last.body.claims > 5, `${last.body.claims} workers`);
  assert.deepEqual([last.body.quality.qualityScore, last.body.quality.fixesApplied], [100, 1]);
  assert.equal(
    last.body.files.find(({ path }) => path === "src/more.ts")!.content,
    "\nexport const more = 1;\n",
  );
});

Deno.test("a generation is given back when its worker is about to end", async () => {
  await using mega = await serveMegaMind();
  mega.model.always(hangsAfterFirstFiles());
  const { body: { request_id } } = await mega.ask({ request: "a list", framework: "react", wait_seconds: 0 });
  await mega.model.received(3);
  globalThis.dispatchEvent(new Event("beforeunload"));
  await waitFor(
    "the release",
    async () =>
      (await mega.database.query("select from generation_requests where status = 'queued'")).length === 1,
  );
  assert.deepEqual(
    await mega.database.query("select from realtime.messages where event = 'generation:timeout'"),
    [],
  );
  mega.model.always(builds());
  const done = await another(mega)({ request_id, wait_seconds: 60 });
  assert.deepEqual([done.status, done.body.status], [200, "completed"]);
  assert.deepEqual(await mega.database.query("select from generation_failures"), []);
});

Deno.test("a generation outlives a database that is away for a moment", async () => {
  await using mega = await serveMegaMind();
  mega.model.always(builds());
  const { rpc } = mega.server.contract;
  let failures = 1;
  const shaky: RpcPort = {
    call: (name, args) =>
      name === "save_generated_project" && failures-- > 0
        ? Promise.reject(new HealingError("UNAVAILABLE", "the connection was reset"))
        : rpc.call(name, args),
  };
  const ask = another(mega, shaky);
  const { body } = await ask({ request: "a list", framework: "react", wait_seconds: 1 });
  assert.equal(body.status, "queued");
  await mega.database.query("update generation_requests set next_attempt_at = now()");
  const done = await ask({ request_id: body.request_id, wait_seconds: 60 });
  assert.deepEqual([done.status, done.body.status], [200, "completed"]);
  assert.deepEqual(await saved(mega.database), WHOLE);
});

Deno.test("a generation waits for a model that is busy in the next invocation rather than to keep its worker", async () => {
  await using mega = await serveMegaMind({
    remainingMs: () => 60_000,
    limits: { leastMs: 20_000, retryMs: 40_000 },
  });
  mega.model.always((request) => new Response("{}", { status: 503, headers: { "x-n": `${request.index}` } }));
  const { body: { request_id } } = await mega.ask({ request: "a list", framework: "react", wait_seconds: 0 });
  await waitFor("the release", async () =>
    (await mega.database.query(
      "select from generation_requests where status = 'queued' and next_attempt_at > now() + interval '30 seconds'",
    )).length === 1);
  const { status, body } = await mega.ask({ request_id });
  assert.deepEqual([status, body.status, body.is_waiting], [202, "queued", false]);
  assert.match(body.message, /waits for the model: UNAVAILABLE/);
});
