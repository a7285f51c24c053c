import assert from "node:assert/strict";
import { createPing } from "../../supabase/functions/autonomous-healing-engine/ping.ts";

const RUN = { runId: "run-1", counters: { cycles_run: 3 } };

function environment(values: Record<string, string>) {
  return { get: (name: string) => values[name] };
}

/** A monitor outside that answers with this status. */
async function monitored(status: number, method: string | undefined) {
  const seen: { method: string; path: string; body: string }[] = [];
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    seen.push({ method: request.method, path: new URL(request.url).pathname, body: await request.text() });
    return new Response("", { status });
  });
  const url = `http://127.0.0.1:${server.addr.port}/ping/secret`;
  const ping = createPing(environment({
    HEALING_PING_URL: url,
    ...(method === undefined ? {} : { HEALING_PING_METHOD: method }),
  }));
  const outcome = await ping!(RUN);
  return { outcome, seen };
}

Deno.test("createPing() calls the address with GET, or with POST and the figures of the run", async () => {
  assert.deepEqual(await monitored(200, undefined), {
    outcome: "sent",
    seen: [{ method: "GET", path: "/ping/secret", body: "" }],
  });
  const posted = await monitored(200, "post");
  assert.deepEqual(JSON.parse(posted.seen[0]!.body), { run_id: "run-1", counters: { cycles_run: 3 } });
});

Deno.test("createPing() says what came of it and never throws", async () => {
  assert.equal((await monitored(500, undefined)).outcome, "refused with 500");
  const dead = createPing(environment({ HEALING_PING_URL: "http://127.0.0.1:1/ping/secret" }))!;
  const outcome = await dead(RUN);
  assert.match(outcome, /^failed: /);
  assert.ok(!outcome.includes("secret"), outcome);
});

Deno.test("createPing() sends nothing without an address, and nothing to one without TLS", async () => {
  assert.equal(createPing(environment({})), undefined);
  let calls = 0;
  const request = () => Promise.resolve(new Response(String(calls++)));
  for (
    const url of ["http://monitor.example.com/x", "ftp://a", "https://user:pass@monitor.example.com/x", "no"]
  ) {
    const outcome = await createPing(environment({ HEALING_PING_URL: url }), request)!(RUN);
    assert.match(outcome, /^not sent/);
  }
  assert.equal(calls, 0);
});
