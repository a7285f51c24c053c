import assert from "node:assert/strict";
import { CircuitBreaker } from "../../../supabase/functions/_shared/circuitBreaker.ts";
import { HealingError } from "../../../supabase/functions/_shared/core/errors.ts";
import { analyzeError, generateErrorSignature } from "../../../supabase/functions/_shared/errorAnalysis.ts";
import {
  captureError,
  flushErrors,
  type Reporter,
  sanitizeArgs,
  sanitizeObject,
  withSelfHealing,
} from "../../../supabase/functions/_shared/errorInterceptor.ts";
import type { CapturedError, RequestHeal } from "../../../supabase/functions/_shared/healingDb.ts";
import type { HealingOutcome } from "../../../supabase/functions/_shared/healingStrategies.ts";

function recorder() {
  const captured: CapturedError[] = [];
  const heals: RequestHeal[] = [];
  const batches: number[] = [];
  const reporter = () =>
    Promise.resolve<Reporter>({
      capture: (errors) => {
        batches.push(errors.length);
        captured.push(...errors);
        return Promise.resolve({ queued: 0 });
      },
      healed: (batch) => Promise.resolve(heals.push(...batch)),
    });
  return { captured, heals, batches, reporter };
}

function failure(message: string, parts: object = {}): Error {
  return Object.assign(new Error(message), parts);
}

/** A function that promises a number and fails. */
function fails(error: unknown): Promise<number> {
  return Promise.reject(error);
}

const get = () => new Request("http://project.test/");

Deno.test("withSelfHealing() returns a function's value, with its arguments and its type", async () => {
  const add = withSelfHealing((a: number, b: number) => a + b, { functionName: "add" });
  const sum: number = await add(2, 3);
  assert.equal(sum, 5);
});

Deno.test("withSelfHealing() refuses limits that make no sense when it wraps, and says what it was given", () => {
  const wrap = (options: object) => withSelfHealing(() => 1, { functionName: "f", ...options });
  assert.throws(
    () => wrap({ maxAttempts: 0 }),
    /"maxAttempts" must be a whole number >= 1: current value is 0/,
  );
  assert.throws(() => wrap({ requestsPerAttempt: 0.5 }), /"requestsPerAttempt" must be a whole number >= 1/);
  assert.throws(() => wrap({ retryWithinMs: Infinity }), /"retryWithinMs" must be a number >= 0/);
  assert.throws(() => wrap({ functionName: "" }), /"functionName" must be a name: current value is ""/);
});

Deno.test("withSelfHealing() rejects with a coded error that keeps the original and none of its words", async () => {
  const { captured, reporter } = recorder();
  const original = failure('relation "salaries" does not exist', { code: "42P01" });
  const read = withSelfHealing((_who: string) => Promise.reject(original), {
    functionName: "read",
    reporter,
  });
  const error = await read("Ada").catch((error) => error);
  assert.ok(error instanceof HealingError);
  assert.deepEqual([error.code, error.message, error.cause], [
    "DATABASE_ERROR",
    "The call of read failed: missing_relation",
    original,
  ]);
  await flushErrors();
  assert.deepEqual(captured.map(({ error_code, context }) => [error_code, context]), [["42P01", {
    transient: false,
    scope: "schema",
    details: { arguments: ["Ada"] },
  }]]);
});

Deno.test("withSelfHealing() codes what failed by its class, and leaves a coded error as it is", async () => {
  const { reporter } = recorder();
  const own = new HealingError("NOT_FOUND", "There is no order 7");
  const cases: [unknown, string][] = [
    [failure("slow down", { status: 429 }), "RATE_LIMITED"],
    [new DOMException("Signal timed out.", "TimeoutError"), "TIMEOUT"],
    [failure("busy", { status: 503 }), "UNAVAILABLE"],
    [failure("another service refuses us", { status: 401 }), "INTERNAL"],
    [failure("canceling statement due to statement timeout", { code: "57014" }), "TIMEOUT"],
    ["a thrown text", "INTERNAL"],
    [own, "NOT_FOUND"],
  ];
  for (const [thrown, code] of cases) {
    const call = withSelfHealing(() => fails(thrown), { functionName: `coded ${code}`, reporter });
    const error = await call().catch((error) => error);
    assert.equal(error.code, code, String(thrown));
    assert.ok(thrown === own ? error === own : error.cause === thrown);
  }
  await flushErrors();
});

Deno.test("withSelfHealing() makes a function again only when it is declared to be a read or to have a key", async () => {
  const { reporter } = recorder();
  for (const [effect, expected] of [["read", 2], ["keyedWrite", 2], ["write", 1], [undefined, 1]] as const) {
    let calls = 0;
    const work = () =>
      ++calls < 2 ? Promise.reject(failure("busy", { status: 503 })) : Promise.resolve("done");
    const call = withSelfHealing(work, {
      functionName: `effect ${effect}`,
      reporter,
      ...(effect === undefined ? {} : { effect }),
    });
    await call().catch(() => {});
    assert.equal(calls, expected, String(effect));
  }
  await flushErrors();
});

Deno.test("withSelfHealing() names a stand-in to its listener and in the record, and is not broken by either", async () => {
  const { captured, heals, reporter } = recorder();
  const outcomes: HealingOutcome<unknown>[] = [];
  const price = withSelfHealing((_item: string) => fails(failure("internal", { status: 500 })), {
    functionName: "price",
    effect: "read",
    reporter,
    means: (item) => ({ cache: { read: () => ({ value: item.length, ageMs: 60_000 }) } }),
    onOutcome: (outcome) => {
      outcomes.push(outcome);
      throw new Error("a listener's bug");
    },
  });
  assert.equal(await price("abc"), 3);
  await flushErrors();
  const [outcome] = outcomes;
  assert.deepEqual(outcome?.kind === "standIn" && outcome.standIn, { kind: "cached", ageMs: 60_000 });
  assert.deepEqual(heals.map(({ strategy, result, pattern }) => [strategy, result, pattern]), [
    ["use_cached", "inconclusive", undefined],
  ]);
  assert.equal(captured.length, 1, "a stand-in mends nothing: the failure is captured");
});

Deno.test("withSelfHealing() answers a request with a named stand-in, or leaves the work out where that is allowed", async () => {
  const { reporter } = recorder();
  const broken = () => Promise.reject(failure("internal", { status: 500 }));
  const cached = withSelfHealing(broken, {
    functionName: "cached",
    reporter,
    means: (request) => ({ cache: { read: () => ({ value: new Response(request.method), ageMs: 12_000 }) } }),
  });
  const answer = await cached(get());
  assert.deepEqual([await answer.text(), answer.headers.get("x-stand-in")], ["GET", "cached; age=12"]);
  const left = withSelfHealing(broken, {
    functionName: "left out",
    reporter,
    means: () => ({ isCritical: false }),
  });
  const empty = await left(get());
  assert.deepEqual([empty.status, empty.headers.get("x-stand-in")], [204, "skipped"]);
  const mistaken = withSelfHealing(broken, {
    functionName: "broken means",
    reporter,
    means: () => {
      throw new Error("a mistake in the means");
    },
  });
  assert.equal((await mistaken(get())).status, 500);
  await flushErrors();
});

Deno.test("withSelfHealing() captures a failure once, through every layer that it passes", async () => {
  const { captured, reporter } = recorder();
  const work = () => fails(failure("nobody knows this"));
  const inner = withSelfHealing(work, { functionName: "inner", reporter });
  const outer = withSelfHealing(async () => new Response(`${await inner()}`), {
    functionName: "outer",
    reporter,
  });
  assert.equal((await outer(get())).status, 500);
  const byHand = withSelfHealing(() => {
    const error = failure("captured by hand");
    captureError(error, { functionName: "by hand" }, reporter);
    throw error;
  }, { functionName: "wrapped", reporter });
  await byHand(get());
  await flushErrors();
  assert.deepEqual(captured.map(({ function_name }) => function_name), ["inner", "by hand"]);
});

Deno.test("withSelfHealing() captures no refusal of a breaker, and does not call before its time", async () => {
  const { captured, reporter } = recorder();
  const breaker = new CircuitBreaker(undefined, { failureThreshold: 1 });
  let calls = 0;
  const price = withSelfHealing(
    () => breaker.execute(() => (calls++, fails(failure("internal", { status: 500 })))),
    { functionName: "guarded", effect: "read", reporter, means: () => ({ defaultValue: () => 0 }) },
  );
  for (let made = 0; made < 5; made++) assert.equal(await price(), 0);
  await flushErrors();
  assert.deepEqual([calls, captured.length], [1, 1]);
});

Deno.test("withSelfHealing() is not broken by a reporter that throws, hangs on recall, or is not there", async () => {
  const reporters: (() => Promise<Reporter>)[] = [
    () => {
      throw new Error("a reporter's bug");
    },
    () => Promise.reject(new Error("no database")),
    () =>
      Promise.resolve({
        capture: () => Promise.reject(new Error("no")),
        healed: () => Promise.reject(new Error("no")),
        recall: () => new Promise(() => {}),
      }),
  ];
  for (const [index, reporter] of reporters.entries()) {
    let calls = 0;
    const work = () =>
      ++calls < 2 ? Promise.reject(failure("busy", { status: 503 })) : Promise.resolve("done");
    // With two ways to go it looks up what has worked.
    const means = () => ({ endpoints: [{ name: "b", call: () => "from b" }] });
    const call = withSelfHealing(work, {
      functionName: `reporter ${index}`,
      effect: "read",
      reporter,
      means,
    });
    assert.equal(await call(), "done");
    const lasting = withSelfHealing(() => fails(failure("lasts")), {
      functionName: `reporter ${index}`,
      reporter,
    });
    await assert.rejects(lasting(), { code: "INTERNAL" });
  }
  await flushErrors();
});

Deno.test("withSelfHealing() stores a hundred failures at once in batches, and each counts once", async () => {
  const { captured, heals, batches, reporter } = recorder();
  const call = withSelfHealing((_index: number) => Promise.reject(failure("busy", { status: 503 })), {
    functionName: "a hundred at once",
    effect: "read",
    reporter,
  });
  await Promise.allSettled(Array.from({ length: 100 }, (_, index) => call(index)));
  await flushErrors();
  assert.equal(captured.length, 100);
  assert.ok(batches.length < 50, `${batches.length} batches`);
  const units = heals.map(({ unit, pattern }) => `${unit} ${pattern?.fix_strategy.kind}`);
  assert.equal(new Set(units).size, units.length);
});

Deno.test("withSelfHealing() records what stands in for many calls as few events, with their number", async () => {
  const { heals, reporter } = recorder();
  const call = withSelfHealing((_index: number) => fails(failure("internal", { status: 500 })), {
    functionName: "many stand-ins",
    effect: "read",
    reporter,
    means: () => ({ defaultValue: () => 0 }),
  });
  await Promise.all(Array.from({ length: 300 }, (_, index) => call(index)));
  await flushErrors();
  const counts = heals.map(({ details }) => (details as { count?: number }).count ?? 1);
  assert.equal(counts.reduce((sum, count) => sum + count, 0), 300);
  assert.ok(heals.length < 150, `${heals.length} events`);
});

Deno.test("captureError() does not analyse again what is analysed", async () => {
  const { captured, reporter } = recorder();
  const error = failure("boom");
  const analyzed = await analyzeError(error, { functionName: "f" });
  const unreadable = new Proxy(error, { get: () => assert.fail("the error was read again") });
  captureError(unreadable, { analyzed }, reporter);
  await flushErrors();
  assert.equal(captured[0]!.fingerprint, await generateErrorSignature(error, { functionName: "f" }));
});

Deno.test("sanitizeArgs() and sanitizeObject() keep little, and nothing secret", () => {
  const key = ["sk", "proj", "Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0"].join("-");
  const circular: Record<string, unknown> = { password: "hunter2", token: key, note: "x".repeat(100_000) };
  circular.self = circular;
  const kept = JSON.stringify(sanitizeObject(circular));
  assert.ok(!kept.includes("hunter2") && !kept.includes(key) && kept.length < 1_000, kept);
  const list = Array.from(
    { length: 10_000 },
    (_, index) => ({ index, deep: { deep: { deep: { deep: {} } } } }),
  );
  const args = sanitizeArgs([list, new Request("http://x/?token=abc"), undefined, () => {}, ...list]);
  assert.equal(args.length, 11);
  assert.equal(args.at(-1), "[9994 more]");
  assert.ok(JSON.stringify(args).length < 20_000);
});
