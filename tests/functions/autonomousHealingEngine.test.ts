import assert from "node:assert/strict";
import { createHandler } from "../../supabase/functions/autonomous-healing-engine/handler.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import type { PlatformSettings } from "../../supabase/functions/_shared/core/settings.ts";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { occurrence, openContract, setSetting } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { outcomesOf, recordOutcomes, startExperiment } from "../helpers/experiments.ts";
import { openNotifications, raise } from "../helpers/notifications.ts";
import { waitFor } from "../helpers/waiting.ts";

const MACHINE_KEY = "a-machine-key-of-some-length";
const SETTINGS: PlatformSettings = {
  url: "http://project.test",
  publishableKey: "public-key",
  secretKeys: [MACHINE_KEY],
  machineKeys: [MACHINE_KEY],
  databaseUrl: undefined,
};

/** The project's authentication: it knows an admin, a user who claims to be one, and nobody else. */
function authentication(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const people: Record<string, unknown> = {
    "Bearer admin-token": { id: "a", app_metadata: { role: "admin" } },
    "Bearer user-token": { id: "b", app_metadata: {}, user_metadata: { role: "admin" } },
  };
  const person = people[request.headers.get("authorization") ?? ""];
  return Promise.resolve(person === undefined ? new Response("{}", { status: 403 }) : Response.json(person));
}

interface Server extends AsyncDisposable {
  database: TestDatabase;
  answer(init: RequestInit & { key?: string; token?: string }): Promise<Response>;
}

async function serve(settings: Partial<PlatformSettings> = {}): Promise<Server> {
  const database = await createTestDatabase();
  const contract = await openContract(database);
  const handler = createHandler({
    settings: { ...SETTINGS, ...settings },
    db: contract.rpc,
    openDirect: () => openDirectConnection(database.url),
    invoke: undefined,
    instanceId: "test",
    logger: silentLogger,
    request: authentication,
  });
  await setSetting(contract.rpc, "mode_database", "auto");
  return {
    database,
    answer({ key, token, ...init }) {
      const headers = new Headers(init.headers);
      if (key !== undefined) headers.set("apikey", key);
      if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
      return handler(
        new Request("http://project.test/functions/v1/autonomous-healing-engine", {
          method: "POST",
          ...init,
          headers,
        }),
      );
    },
    async [Symbol.asyncDispose]() {
      await contract[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

async function refusal(response: Response): Promise<string> {
  const body = await response.json();
  assert.deepEqual(Object.keys(body), ["code", "message", "hint", "requestId"]);
  assert.equal(response.headers.get("x-request-id"), body.requestId);
  assert.equal(response.headers.get("access-control-allow-origin"), "*");
  return `${response.status} ${body.code}`;
}

Deno.test("autonomous-healing-engine refuses whoever is no machine and no admin, and leaves a trace", async () => {
  await using server = await serve();
  const attempts = [
    {},
    { key: "" },
    { key: "wrong" },
    { key: SETTINGS.publishableKey! },
    { token: SETTINGS.publishableKey! },
    { token: "forged-token" },
  ];
  for (const attempt of attempts) {
    assert.equal(await refusal(await server.answer(attempt)), "401 UNAUTHORIZED", JSON.stringify(attempt));
  }
  assert.equal(await refusal(await server.answer({ token: "user-token" })), "403 FORBIDDEN");
  const count = async () =>
    (await server.database.query("select from healing_events where event_type = 'access_refused'")).length;
  await waitFor("all traces", async () => await count() === attempts.length + 1);
  assert.equal((await server.database.query("select from healing_runs")).length, 0);
});

Deno.test("autonomous-healing-engine with no secret set matches nothing", async () => {
  await using server = await serve({ secretKeys: [], machineKeys: [] });
  for (const key of ["", "undefined", "null", MACHINE_KEY]) {
    assert.equal(await refusal(await server.answer({ key })), "401 UNAUTHORIZED", key);
  }
});

Deno.test("autonomous-healing-engine refuses what is no call of it with the fitting code", async () => {
  await using server = await serve();
  const key = MACHINE_KEY;
  assert.equal(await refusal(await server.answer({ key, method: "GET" })), "405 METHOD_NOT_ALLOWED");
  assert.equal(await refusal(await server.answer({ key, body: "{" })), "400 BAD_REQUEST");
  assert.equal(
    await refusal(await server.answer({ key, body: '{"run_id": "1; drop table"}' })),
    "400 BAD_REQUEST",
  );
  assert.equal(await refusal(await server.answer({ key, body: "[]" })), "400 BAD_REQUEST");
  assert.equal(
    await refusal(await server.answer({ key, body: `"${"x".repeat(1_100_000)}"` })),
    "413 PAYLOAD_TOO_LARGE",
  );
});

Deno.test("autonomous-healing-engine answers a preflight before it asks who is there", async () => {
  await using server = await serve();
  const response = await server.answer({ method: "OPTIONS" });
  assert.equal(response.status, 204);
  assert.match(response.headers.get("access-control-allow-headers") ?? "", /apikey/);
});

Deno.test("autonomous-healing-engine heals for a machine in the background and finishes its run's row", async () => {
  await using server = await serve();
  await using contract = await openContract(server.database);
  await captureErrors(contract.rpc, [occurrence({
    error_code: "42883",
    error_message: "function unaccent(text) does not exist",
    error_signature: "42883: function $1 does not exist",
    error_template: "42883: function unaccent(text) does not exist",
  })]);
  const response = await server.answer({ key: MACHINE_KEY, body: "{}" });
  assert.equal(response.status, 202);
  const { run_id } = await response.json();
  const run = async () =>
    (await server.database.query("select status, counters from healing_runs where id = $1", [run_id]))[0]!;
  await waitFor("the run", async () => (await run()).status === "finished");
  const counters = (await run()).counters as Record<string, unknown>;
  assert.equal(counters.fixes_applied, 1);
  assert.equal(counters.cycles_run, 3);
  assert.deepEqual(counters.not_installed, ["deployments", "optimise", "quality"]);
});

Deno.test("autonomous-healing-engine tends its patterns in cycle 2, whose failure is its own", async () => {
  await using server = await serve();
  await server.database.query(
    `insert into universal_error_patterns (pattern_name, error_signature, fix_strategy, created_at)
     values ('old', 's', '{"kind": "retry"}', now() - interval '1 year')`,
  );
  const run = async () =>
    await (await server.answer({ token: "admin-token", body: '{"wait": true}' })).json() as Record<
      string,
      unknown
    >;
  const { counters } = await run() as { counters: Record<string, unknown> };
  assert.deepEqual([counters.cycles_run, counters.patterns_retired], [3, 1]);
  await server.database.query("drop function public.maintain_patterns(integer)");
  await run();
  const [row] = await server.database.query(
    "select status, counters from healing_runs order by started_at desc limit 1",
  );
  const { cycles_run, failed_cycles } = row!.counters as {
    cycles_run: number;
    failed_cycles: Record<string, string>;
  };
  assert.deepEqual([row!.status, cycles_run], ["finished", 2]);
  assert.match(failed_cycles.learn!, /maintain_patterns/);
});

Deno.test("autonomous-healing-engine answers an admin who waits with the counters, and names the admin in the run", async () => {
  await using server = await serve();
  const response = await server.answer({ token: "admin-token", body: '{"wait": true}' });
  assert.equal(response.status, 200);
  assert.equal((await response.json()).counters.cycles_run, 3);
  const [run] = await server.database.query("select trigger from healing_runs");
  assert.equal(run!.trigger, "admin:a");
});

Deno.test("autonomous-healing-engine does nothing for a second delivery of the same run", async () => {
  await using server = await serve();
  const [run] = await server.database.query<{ id: string }>(
    "select dispatch_function('autonomous-healing-engine') as id",
  );
  await server.database.query(
    "update healing_runs set status = 'dispatched', finished_at = null, reason = null",
  );
  const body = JSON.stringify({ run_id: run!.id, wait: true });
  assert.equal((await (await server.answer({ key: MACHINE_KEY, body })).json()).started, true);
  assert.deepEqual(await (await server.answer({ key: MACHINE_KEY, body })).json(), {
    run_id: run!.id,
    started: false,
  });
});

Deno.test("autonomous-healing-engine ends experiments in its sixth cycle and counts them", async () => {
  await using server = await serve();
  await using contract = await openContract(server.database);
  const id = await startExperiment(contract.rpc);
  await startExperiment(contract.rpc, { signature: "3F000: goes on" });
  await recordOutcomes(server.database, id, outcomesOf([32, 80], [64, 80]));
  const response = await server.answer({ key: MACHINE_KEY, body: '{"wait": true}' });
  const { counters } = await response.json();
  assert.equal(counters.improvements_deployed, 1);
  assert.deepEqual([counters.experiments_running, counters.winning_variant_deployments], [1, 1]);
  assert.ok(counters.statistical_confidence > 0.95);
  assert.equal(counters.failed_cycles, undefined);
});

Deno.test("autonomous-healing-engine heals although its sixth cycle fails, and says so in the run", async () => {
  await using server = await serve();
  await using contract = await openContract(server.database);
  await server.database.query("drop function get_due_experiments");
  await captureErrors(contract.rpc, [occurrence({
    error_code: "42883",
    error_message: "function unaccent(text) does not exist",
    error_signature: "42883: function $1 does not exist",
    error_template: "42883: function unaccent(text) does not exist",
  })]);
  const response = await server.answer({ key: MACHINE_KEY, body: '{"wait": true}' });
  assert.equal(response.status, 200);
  const { counters } = await response.json();
  assert.deepEqual([counters.fixes_applied, counters.cycles_run], [1, 2]);
  assert.match(counters.failed_cycles.experiments, /get_due_experiments/);
});

Deno.test("a run of autonomous-healing-engine delivers notifications, and a failure to do so does not fail it", async () => {
  await using all = await openNotifications();
  await raise(all.rpc, "one");
  const isDown = { now: false };
  const db: typeof all.rpc = {
    call: (name, args) =>
      isDown.now && name === "report_notification_channels"
        ? Promise.reject(new Error("no channels"))
        : all.rpc.call(name, args),
  };
  const handler = createHandler({
    settings: SETTINGS,
    db,
    openDirect: undefined,
    invoke: undefined,
    notifications: all.channels,
    instanceId: "test",
    logger: silentLogger,
    request: authentication,
  });
  const run = async () => {
    const answer = await handler(
      new Request("http://project.test/functions/v1/autonomous-healing-engine", {
        method: "POST",
        headers: { apikey: MACHINE_KEY },
        body: JSON.stringify({ wait: true }),
      }),
    );
    return (await answer.json()).counters;
  };
  assert.equal((await run()).notifications_sent, 3);
  assert.equal(all.slack.taken.length, 1);
  isDown.now = true;
  const counters = await run();
  assert.deepEqual([counters.cycles_run, counters.failed_cycles], [3, { notifications: "no channels" }]);
});
