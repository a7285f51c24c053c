import assert from "node:assert/strict";
import { createHandler } from "../../supabase/functions/health-check/handler.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import { type HealthCheck, standardHealthChecks } from "../../supabase/functions/_shared/healthMonitor.ts";
import { type FunctionServer, MACHINE_SETTINGS, serveFunction } from "../helpers/engineServer.ts";
import { fillVault, letMinutesPass, scriptedCheck, shownOf } from "../helpers/health.ts";
import { type HealthServices, startHealthServices } from "../helpers/healthServices.ts";
import { answers } from "../helpers/providers.ts";

/** The function with all its checks, and the services that it asks. */
async function serveHealth(
  services: HealthServices,
  more: readonly HealthCheck[] = [],
): Promise<FunctionServer> {
  const server = await serveFunction((_, { rpc }) =>
    createHandler({
      settings: MACHINE_SETTINGS,
      db: rpc,
      checks: [
        ...standardHealthChecks({
          settings: services.settings,
          db: rpc,
          readMemory: () => 1,
          // A server that many test files share is slow at times.
          databaseBounds: {
            latencyMs: [60_000, 120_000],
            connectionsPercent: [100, 101],
            transactionS: [3_600, 7_200],
            lockWaitS: [600, 1_200],
          },
        }),
        ...more,
      ],
      instanceId: "test",
      logger: silentLogger,
    })
  );
  await fillVault(server.database);
  return server;
}

Deno.test("health-check looks at all eight, stores what it saw under its run, and reports it", async () => {
  await using services = startHealthServices();
  await using server = await serveHealth(services);
  const { status, body } = await server.call({ wait: true });
  assert.equal(status, 200);
  // Nobody has asked this project for anything yet.
  assert.deepEqual(body.counters, {
    healthy: 7,
    degraded: 0,
    unhealthy: 0,
    unknown: 1,
    told: 0,
    healing_called: 0,
  });
  const rows = await server.database.query(
    "select check_name, status from system_health_checks where run_id = $1 order by 1",
    [body.run_id],
  );
  assert.deepEqual(rows.map(({ check_name }) => check_name), [
    "ai",
    "database",
    "email",
    "error_rate",
    "files",
    "healing",
    "memory",
    "sms",
  ]);
});

Deno.test("health-check goes red with a service, tells people, calls healing, and goes green when it is mended", async () => {
  await using services = startHealthServices();
  await using server = await serveHealth(services);
  const run = async () => {
    await letMinutesPass(server.database, 2);
    return (await server.call({ wait: true })).body.counters;
  };
  await run();
  services.sms.always(answers(503, "down for a moment"));
  const [first, second, third] = [await run(), await run(), await run()];
  assert.deepEqual(
    [first, second, third].map(({ unhealthy, told, healing_called }) => [
      unhealthy,
      told,
      healing_called,
    ]),
    [[1, 0, 0], [1, 1, 1], [1, 0, 0]],
  );
  const [notice] = await server.database.query(
    "select title, body from notifications where dedupe_key = 'health:sms'",
  );
  assert.deepEqual(notice, { title: "Health check sms has failed", body: "Twilio answered 503" });
  services.sms.always(() => undefined);
  await run();
  assert.equal(await shownOf(server.contract.rpc, "sms"), "unhealthy");
  assert.equal((await run()).told, 1);
  assert.equal(await shownOf(server.contract.rpc, "sms"), "healthy");
});

Deno.test("health-check starts a delivery that comes twice once, and refuses a body that does not fit", async () => {
  await using services = startHealthServices();
  await using server = await serveHealth(services);
  const [row] = await server.database.query<{ id: string }>("select dispatch_function('health-check') as id");
  assert.equal((await server.call({ run_id: row!.id, wait: true })).status, 200);
  const again = await server.call<{ started: boolean }>({ run_id: row!.id, wait: true });
  assert.deepEqual([again.status, again.body.started], [200, false]);
  assert.equal((await server.call({ public: true })).status, 400);
});

Deno.test("health-check answers nobody without a key", async () => {
  const handler = createHandler({
    settings: MACHINE_SETTINGS,
    db: { call: <Result>() => Promise.reject<Result>(new Error("nobody may come here")) },
    checks: [],
    instanceId: "test",
    logger: silentLogger,
  });
  const ask = (headers: Record<string, string>) =>
    handler(new Request("http://project.test/", { method: "POST", headers, body: '{"wait":true}' }));
  for (const headers of [{}, { apikey: "public-key" }, { apikey: "" }]) {
    const answer = await ask(headers as Record<string, string>);
    assert.equal(answer.status, 401);
    await answer.body?.cancel();
  }
});

Deno.test("health-check survives a check that throws anything and one whose words are hostile", async () => {
  await using services = startHealthServices();
  const thrower: HealthCheck = { name: "thrower", limitMs: 1_000, look: () => Promise.reject(null) };
  const hostile = scriptedCheck("hostile", {
    status: "degraded",
    reason: `\u0000<script>${"x".repeat(100_000)} postgres://u:p4ssw0rd@h/d`,
    measured: Number.NaN,
    details: { deep: { a: { b: { c: { d: "\u0000" } } } } },
  });
  await using server = await serveHealth(services, [thrower, hostile]);
  const { counters } = (await server.call({ wait: true })).body;
  assert.deepEqual([counters.degraded, counters.unhealthy], [1, 1]);
  const [row] = await server.database.query<{ reason: string; measured_value: number | null }>(
    "select reason, measured_value from system_health_checks where check_name = 'hostile'",
  );
  assert.ok(row!.reason.length <= 1_000 && !row!.reason.includes("p4ssw0rd"));
  assert.equal(row!.measured_value, null);
});

Deno.test("health-check fails its run, and says so, when the looks cannot be stored", async () => {
  await using services = startHealthServices();
  await using server = await serveHealth(services);
  await server.database.query("alter table system_health_checks rename to elsewhere");
  const { status } = await server.call({ wait: true });
  assert.equal(status, 503);
  const [run] = await server.database.query<{ status: string; reason: string }>(
    "select status, reason from healing_runs where function_name = 'health-check'",
  );
  assert.equal(run!.status, "failed");
  assert.match(run!.reason, /^The looks could not be stored: /);
});
