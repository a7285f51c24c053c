import assert from "node:assert/strict";
import { NetSender } from "../../scripts/stack/netSender.ts";
import { freePort } from "../../scripts/stack/postgres.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import { Pool } from "../../supabase/functions/_shared/postgres.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { FakeClock } from "../helpers/fakeClock.ts";
import type { TestDatabase } from "../helpers/testDatabase.ts";
import { waitFor } from "../helpers/waiting.ts";

interface Setting extends AsyncDisposable {
  database: TestDatabase;
  sender: NetSender;
  url: string;
  received: { method: string; path: string; headers: Headers; body: string }[];
  post(path: string, body?: unknown, timeoutMs?: number): Promise<string>;
  responses(): Promise<Record<string, unknown>[]>;
}

/** A sender and a real server to send to; `/slow` answers only when the server ends. */
async function setUp(): Promise<Setting> {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await createTestDatabase());
  const pool = new Pool({ connectionString: database.superuserUrl, max: 3 });
  // The database is dropped at the end, with whatever is still connected to it.
  pool.on("error", () => {});
  opened.defer(() => pool.end());
  const received: Setting["received"] = [];
  const url = startReceiver(received, opened);
  const sender = new NetSender({ pool, clock: new FakeClock("2026-11-21T10:00:00Z"), logger: silentLogger });
  opened.defer(() => sender.stop());
  const running = opened.move();
  return {
    database,
    sender,
    url,
    received,
    post: async (path, body = {}, timeoutMs = 5_000) => {
      const [row] = await database.query<{ id: string }>(
        'select net.http_post($1, $2::jsonb, headers := \'{"X-Run": "7"}\', timeout_milliseconds := $3)::text as id',
        [path.startsWith("http") ? path : `${url}${path}`, JSON.stringify(body), timeoutMs],
      );
      return row!.id;
    },
    responses: () =>
      database.query(
        "select id::text, status_code, content_type, content, timed_out, error_msg from net._http_response order by id",
      ),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Answers on a port of its own, and returns its address. */
function startReceiver(received: Setting["received"], opened: AsyncDisposableStack): string {
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    const { method, headers } = request;
    received.push({ method, path: `${pathname}${search}`, headers, body: await request.text() });
    if (pathname === "/slow") await over;
    return new Response(pathname === "/nul" ? "a\0b" : "fine", {
      status: pathname === "/teapot" ? 418 : 200,
    });
  });
  opened.defer(() => server.shutdown());
  opened.defer(() => end());
  return `http://127.0.0.1:${server.addr.port}`;
}

Deno.test("NetSender.drainOnce() sends what is queued and keeps the answers", async () => {
  await using setting = await setUp();
  const id = await setting.post("/hook?a=1", { hello: "wörld" });
  assert.equal(await setting.sender.drainOnce(), 1);
  assert.equal(await setting.sender.drainOnce(), 0);
  const [request] = setting.received;
  assert.deepEqual([request?.method, request?.path, JSON.parse(request!.body)], ["POST", "/hook?a=1", {
    hello: "wörld",
  }]);
  assert.deepEqual([request?.headers.get("x-run"), request?.headers.get("content-type")], [
    "7",
    "application/json",
  ]);
  assert.deepEqual(await setting.responses(), [{
    id,
    status_code: 200,
    content_type: "text/plain;charset=UTF-8",
    content: "fine",
    timed_out: false,
    error_msg: null,
  }]);
});

Deno.test("NetSender sends GET and DELETE without a body", async () => {
  await using setting = await setUp();
  await setting.database.query('select net.http_get($1, params := \'{"q": "a b"}\')', [`${setting.url}/get`]);
  await setting.database.query("select net.http_delete($1)", [`${setting.url}/gone`]);
  assert.equal(await setting.sender.drainOnce(), 2);
  const seen = setting.received.map(({ method, path, body }) => `${method} ${path} ${body}`).sort();
  assert.deepEqual(seen, ["DELETE /gone ", "GET /get?q=a%20b "]);
});

Deno.test("NetSender sends only what was committed", async () => {
  await using setting = await setUp();
  const other = await setting.database.connect();
  await other.query("begin");
  await other.query("select net.http_post($1)", [`${setting.url}/undone`]);
  assert.equal(await setting.sender.drainOnce(), 0);
  await other.query("rollback");
  assert.equal(await setting.sender.drainOnce(), 0);
  assert.deepEqual(setting.received, []);
});

Deno.test("NetSender records a status that is no success, an unreachable host and an address that is none", async () => {
  await using setting = await setUp();
  await setting.post("/teapot");
  await setting.post(`http://127.0.0.1:${freePort()}/`);
  await setting.post("http://");
  await setting.post("/nul");
  assert.equal(await setting.sender.drainOnce(), 4);
  const [teapot, unreachable, nowhere, nul] = await setting.responses();
  assert.equal(teapot?.status_code, 418);
  assert.match(String(unreachable?.error_msg), /refused/i);
  assert.match(String(nowhere?.error_msg), /url/i);
  assert.deepEqual([unreachable?.status_code, nowhere?.status_code], [null, null]);
  assert.equal(nul?.content, "ab");
});

Deno.test("NetSender stops waiting at a request's own time limit", async () => {
  await using setting = await setUp();
  await setting.post("/slow", {}, 60);
  assert.equal(await setting.sender.drainOnce(), 1);
  const [row] = await setting.responses();
  assert.deepEqual([row?.timed_out, row?.error_msg, row?.status_code], [
    true,
    "Timeout of 60 ms reached.",
    null,
  ]);
});

Deno.test("NetSender takes at most two hundred requests at once, in their order", async () => {
  await using setting = await setUp();
  await setting.database.query(
    "select net.http_post($1 || '/' || n) from generate_series(1, 250) as n",
    [setting.url],
  );
  assert.deepEqual([await setting.sender.drainOnce(), await setting.sender.drainOnce()], [200, 50]);
  const numbers = setting.received.slice(0, 200).map(({ path }) => Number(path.slice(1)));
  assert.equal(Math.max(...numbers), 200);
});

Deno.test("NetSender sends each request once however many senders there are", async () => {
  await using setting = await setUp();
  await setting.database.query("select net.http_post($1 || '/' || n) from generate_series(1, 60) as n", [
    setting.url,
  ]);
  const sent = await Promise.all([setting.sender.drainOnce(), setting.sender.drainOnce()]);
  assert.equal(sent[0]! + sent[1]! + await setting.sender.drainOnce(), 60);
  assert.equal(new Set(setting.received.map(({ path }) => path)).size, 60);
  assert.equal(setting.received.length, 60);
});

Deno.test("NetSender.start() sends at once when it is woken", async () => {
  await using setting = await setUp();
  setting.sender.start();
  await setting.post("/woken");
  await waitFor("the request", () => {
    setting.sender.wake();
    return setting.received.length === 1;
  });
  await waitFor("the answer", async () => (await setting.responses()).length === 1);
});

Deno.test("NetSender.stop() leaves a request without an answer in the queue", async () => {
  await using setting = await setUp();
  await setting.post("/slow", {}, 60_000);
  setting.sender.start();
  await waitFor("the request", () => setting.received.length === 1);
  await setting.sender.stop();
  assert.deepEqual(await setting.responses(), []);
  assert.equal((await setting.database.query("select from net.http_request_queue")).length, 1);
});
