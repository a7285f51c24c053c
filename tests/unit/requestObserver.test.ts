import assert from "node:assert/strict";
import { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import type { PlatformSettings } from "../../supabase/functions/_shared/core/settings.ts";
import { edgeHandler } from "../../supabase/functions/_shared/edgeHandler.ts";
import {
  captureError,
  flushErrors,
  type Reporter,
  withSelfHealing,
} from "../../supabase/functions/_shared/errorInterceptor.ts";
import { createInvoker } from "../../supabase/functions/_shared/functionInvoker.ts";
import type { CapturedError } from "../../supabase/functions/_shared/healingDb.ts";
import { observeRequest } from "../../supabase/functions/_shared/requestObserver.ts";
import { createServerClient, rpcOverHttp } from "../../supabase/functions/_shared/supabaseClient.ts";
import { currentTraceId, Tracer, traceRequest, useTracer } from "../../supabase/functions/_shared/tracing.ts";
import { hostileTraceparents, traceId, traceparent } from "../helpers/traces.ts";

const KEY = "a-machine-key-of-some-length";
const settings: PlatformSettings = {
  url: "http://project.test",
  publishableKey: "public-key",
  secretKeys: [KEY],
  machineKeys: [KEY],
  databaseUrl: undefined,
};

function watcher() {
  const noted: [string, string, number][] = [];
  return { noted, monitor: { request: (...one: [string, string, number]) => void noted.push(one) } };
}

function recorder() {
  const captured: CapturedError[] = [];
  const reporter = () =>
    Promise.resolve<Reporter>({
      capture: (errors) => Promise.resolve({ queued: 0, stored: captured.push(...errors) }),
      healed: () => Promise.resolve(),
    });
  return { captured, reporter };
}

function request(headers: Record<string, string> = {}): Request {
  return new Request("http://project.test/", { method: "POST", body: "{}", headers });
}

const BROKEN = Object.assign(new Error('relation "orders" does not exist'), { code: "42P01" });

Deno.test("withSelfHealing() tells the monitor of each request once, with its duration and its outcome", async () => {
  const { noted, monitor } = watcher();
  const { reporter } = recorder();
  const answers = [
    () => new Response("fine"),
    () => new Response("no", { status: 404 }),
    () => Promise.reject(new HealingError("NOT_FOUND", "no order 7")),
    () => Promise.reject(BROKEN),
    () => undefined as unknown as Response,
  ];
  for (const answer of answers) {
    await withSelfHealing(answer, { functionName: "f", reporter, monitor })(request());
  }
  assert.deepEqual(noted.map(([name, outcome]) => `${name} ${outcome}`), [
    "f ok",
    "f refused",
    "f refused",
    "f error",
    "f error",
  ]);
  for (const [, , durationMs] of noted) assert.ok(durationMs >= 0 && durationMs < 60_000);
  await flushErrors();
});

Deno.test("withSelfHealing() counts a request that was healed by another attempt as one that went well", async () => {
  const { noted, monitor } = watcher();
  const { reporter } = recorder();
  let calls = 0;
  const handler = () => {
    if (++calls === 1) throw Object.assign(new Error("the service is unavailable"), { status: 503 });
    return new Response("fine");
  };
  await withSelfHealing(handler, { functionName: "f", reporter, monitor })(
    request({ "idempotency-key": "k", "content-length": "2" }),
  );
  assert.deepEqual([calls, noted.map(([, outcome]) => outcome)], [2, ["ok"]]);
});

Deno.test("a request that two wrappers watch is counted once", async () => {
  const { noted, monitor } = watcher();
  const inner = edgeHandler(
    { functionName: "inner", settings, trace: () => Promise.resolve(), logger: silentLogger, monitor },
    () => Promise.resolve(new Response()),
  );
  await withSelfHealing(inner, { functionName: "outer", monitor })(request({ apikey: KEY }));
  assert.deepEqual(noted.map(([name, outcome]) => [name, outcome]), [["outer", "ok"]]);
});

Deno.test("a monitor that throws fails no request", async () => {
  const monitor = {
    request(): void {
      throw new Error("the monitor is broken");
    },
  };
  const handler = withSelfHealing(() => new Response("fine"), { functionName: "f", monitor });
  assert.equal(await (await handler(request())).text(), "fine");
  const fails = observeRequest(request(), "f", () => Promise.reject(new TypeError("x")), monitor);
  await assert.rejects(fails, TypeError);
});

Deno.test("an error's answer names its trace, and its capture carries it", async () => {
  const { captured, reporter } = recorder();
  const handler = withSelfHealing(() => Promise.reject(BROKEN), { functionName: "f", reporter });
  const answer = await handler(request({ traceparent: traceparent(1) }));
  assert.equal(answer.headers.get("traceparent"), traceparent(1));
  assert.match(answer.headers.get("access-control-expose-headers")!, /traceparent/);
  assert.deepEqual(Object.keys(await answer.json()), ["code", "message", "hint", "requestId"]);
  const own = await handler(request());
  assert.match(own.headers.get("traceparent")!, /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  await flushErrors();
  assert.deepEqual(captured.map(({ context }) => (context as { traceparent: string }).traceparent), [
    traceparent(1),
    own.headers.get("traceparent"),
  ]);
});

Deno.test("a failure keeps its fingerprint whether its trace is recorded or not", async () => {
  const { captured, reporter } = recorder();
  const send = () => Promise.resolve({ kind: "sent" as const, rejected: 0 });
  const recording = new Tracer({ exporter: () => Promise.resolve({ export: send }) });
  const handlers = [
    (): Response => {
      throw new TypeError("at once");
    },
    async (): Promise<Response> => {
      await Promise.resolve();
      throw new TypeError("later");
    },
  ];
  for (const tracer of [new Tracer(), recording]) {
    const restore = useTracer(tracer);
    for (const handler of handlers) {
      await withSelfHealing(handler, { functionName: "f", reporter })(request());
    }
    restore();
  }
  await Promise.all([flushErrors(), recording.flush()]);
  const [sync, later, syncRecorded, laterRecorded] = captured.map(({ fingerprint }) => fingerprint);
  assert.deepEqual([syncRecorded, laterRecorded], [sync, later]);
  assert.notEqual(sync, later);
});

Deno.test("errors of many requests that are stored together keep their own traces", async () => {
  const { captured, reporter } = recorder();
  const handler = withSelfHealing(async (one) => {
    await one.text();
    captureError(new Error(`noticed ${currentTraceId()}`), {}, reporter);
    throw new Error(`failed ${currentTraceId()}`);
  }, { functionName: "f", reporter });
  await Promise.all(
    Array.from({ length: 50 }, (_, index) => handler(request({ traceparent: traceparent(index + 1) }))),
  );
  captureError(new Error("outside"), {}, reporter);
  await flushErrors();
  const traces = captured.map(({ context }) => (context as { traceparent?: string }).traceparent);
  assert.equal(traces.filter((trace) => trace === undefined).length, 1);
  for (let number = 1; number <= 50; number++) {
    assert.equal(traces.filter((trace) => trace === traceparent(number)).length, 2, `trace ${number}`);
  }
});

Deno.test("no answer gives back anything of a hostile header", async () => {
  const { reporter } = recorder();
  const guarded = edgeHandler(
    { functionName: "g", settings, trace: () => Promise.resolve(), logger: silentLogger },
    () => Promise.resolve(new Response()),
  );
  const open = withSelfHealing(() => Promise.reject(BROKEN), { functionName: "f", reporter });
  for (const header of hostileTraceparents()) {
    let sent: Request;
    try {
      sent = request({ traceparent: header, tracestate: header, baggage: header });
    } catch {
      // The platform refuses it before it reaches a function.
      continue;
    }
    for (const handler of [guarded, open]) {
      const answer = await handler(sent.clone());
      const [, trace] = answer.headers.get("traceparent")!.split("-");
      assert.match(answer.headers.get("traceparent")!, /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
      assert.notEqual(trace, traceId(10));
      for (const name of ["tracestate", "baggage"]) assert.equal(answer.headers.get(name), null);
    }
  }
  await flushErrors();
});

Deno.test("edgeHandler() names the trace in every answer, refusals too, and its work runs in it", async () => {
  const { noted, monitor } = watcher();
  let found: string | undefined;
  const handler = edgeHandler(
    { functionName: "g", settings, trace: () => Promise.resolve(), logger: silentLogger, monitor },
    () => {
      found = currentTraceId();
      return Promise.resolve(new Response());
    },
  );
  const good = await handler(request({ apikey: KEY, traceparent: traceparent(2) }));
  const refused = await handler(request({ traceparent: traceparent(3) }));
  assert.deepEqual([found, good.headers.get("traceparent")], [traceId(2), traceparent(2)]);
  assert.equal(refused.headers.get("traceparent"), traceparent(3));
  assert.equal((await handler(new Request("http://project.test/", { method: "OPTIONS" }))).status, 204);
  assert.deepEqual(noted.map(([name, outcome]) => `${name} ${outcome}`), ["g ok", "g refused"]);
});

Deno.test("the database's RPC and the function invoker carry the trace of whoever calls them", async () => {
  const seen: Headers[] = [];
  const network: typeof fetch = (input, init) => {
    seen.push(new Request(input, init).headers);
    return Promise.resolve(Response.json(7));
  };
  const rpc = rpcOverHttp(createServerClient("http://project.test", KEY, network));
  const invoke = createInvoker(settings, network)!;
  await traceRequest(request({ traceparent: traceparent(4) }), "f", async () => {
    assert.equal(await rpc.call("any", {}), 7);
    await invoke(
      {
        id: "1",
        operation_kind: "invoke_function",
        target: "checkout",
        payload: {},
        idempotency_key: "k",
        caller_role: "service_role",
      } as Parameters<typeof invoke>[0],
    );
    return new Response();
  });
  await rpc.call("any", {});
  assert.deepEqual(seen.map((headers) => headers.get("traceparent")), [traceparent(4), traceparent(4), null]);
  assert.deepEqual(seen.map((headers) => headers.get("apikey")), [KEY, KEY, KEY]);
});
