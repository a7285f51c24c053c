import assert from "node:assert/strict";
import { CircuitOpenError } from "../../supabase/functions/_shared/circuitBreaker.ts";
import { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import {
  applyHealingStrategy,
  STRATEGY_NAMES,
  StrategyMemory,
} from "../../supabase/functions/_shared/healingStrategies.ts";
import { retryWithBackoff } from "../../supabase/functions/_shared/retry.ts";
import { busy, failure, heal, limited, refusalOf, valueOf } from "../helpers/healing.ts";
import { VirtualClock } from "../helpers/virtualClock.ts";

Deno.test("applyHealingStrategy() knows the ten documented strategies", () => {
  assert.deepEqual([...STRATEGY_NAMES].sort(), [
    "CLEAR_CACHE_AND_RETRY",
    "FALLBACK_TO_CACHE",
    "QUEUE_FOR_LATER",
    "RATE_LIMIT_BACKOFF",
    "RESET_CONNECTION",
    "RETRY_WITH_BACKOFF",
    "ROLLBACK_TRANSACTION",
    "SKIP_OPERATION",
    "SWITCH_API_ENDPOINT",
    "USE_DEFAULT_VALUE",
  ]);
});

Deno.test("applyHealingStrategy() asks no target that a breaker protects, and falls back at once", async () => {
  const { outcome, elapsedMs } = await heal(new CircuitOpenError("prices", "open", 60_000), {
    run: () => assert.fail("called although the breaker is open"),
    cache: { read: () => ({ value: "earlier", ageMs: 1 }) },
  });
  assert.deepEqual([valueOf(outcome), elapsedMs], ["earlier", 0]);
  const soon = await heal(new CircuitOpenError("prices", "open", 800));
  assert.ok(soon.outcome.kind === "healed" && soon.elapsedMs >= 800, `${soon.elapsedMs} ms`);
});

Deno.test("applyHealingStrategy() gives each class of failure the advice of the documents", async () => {
  const advice = async (thrown: unknown) => (await heal(thrown, { effect: "write" })).outcome.advice;
  assert.equal(await advice(busy()), "backOff");
  assert.equal(await advice(new SyntaxError("Unexpected token 'x' is not valid JSON")), "regenerate");
  assert.equal(await advice(failure("statement timeout", { code: "57014" })), "splitIntoChunks");
  assert.equal(await advice(limited("1")), "queueAndDelay");
  assert.equal(await advice(failure("nobody knows this")), "analyse");
  assert.equal(await advice(failure("duplicate key", { code: "23505" })), "escalate");
  assert.equal(
    await advice(failure("exceeded your current quota", { status: 429, code: "insufficient_quota" })),
    "escalate",
  );
});

Deno.test("applyHealingStrategy() makes no more of what a layer below has given up on", async () => {
  const clock = new VirtualClock();
  const error = await clock.run(
    retryWithBackoff(() => Promise.reject(busy()), { clock, random: { next: () => 0, uuid: () => "" } })
      .catch(
        (error) => error,
      ),
  );
  const wrapped = new HealingError("UNAVAILABLE", "the price is not known", { cause: error });
  for (const thrown of [error, wrapped]) {
    const { outcome } = await heal(thrown, { run: () => assert.fail("made again") });
    assert.match(refusalOf(outcome, "RETRY_WITH_BACKOFF"), /a layer below has tried again/);
  }
});

Deno.test("applyHealingStrategy() prefers what has worked for the same signature", async () => {
  const first = async (records: { fixKind: string; successes: number; failures: number }[]) => {
    const memory = new StrategyMemory();
    for (const { fixKind, successes, failures } of records) {
      for (let made = 0; made < successes; made++) memory.note("internal", fixKind, true);
      for (let made = 0; made < failures; made++) memory.note("internal", fixKind, false);
    }
    const endpoints = [{ name: "b", call: () => "from b" }];
    const { outcome } = await heal(failure("internal", { status: 503 }), { endpoints }, { memory });
    return outcome.tried[0]!;
  };
  assert.equal((await first([])).strategy, "RETRY_WITH_BACKOFF");
  const learned = await first([{ fixKind: "retry", successes: 1, failures: 9 }, {
    fixKind: "switch_endpoint",
    successes: 9,
    failures: 1,
  }]);
  assert.equal(learned.strategy, "SWITCH_API_ENDPOINT");
  assert.match(learned.because, /9 of 10 recorded outcomes good/);
});

Deno.test("applyHealingStrategy() keeps the call's own error when a means fails, and refuses limits that make no sense", async () => {
  const error = failure("internal", { status: 500 });
  const { outcome } = await heal(error, {
    cache: { read: () => Promise.reject(new Error("the cache is down too")) },
    defaultValue: () => {
      throw new Error("a mistake in the default");
    },
  });
  assert.equal(outcome.kind === "failed" && outcome.error, error);
  assert.deepEqual(outcome.tried.map(({ result }) => result), ["failed", "failed"]);
  const operation = { name: "t", run: () => 1 };
  for (const limits of [{ deadlineMs: -1 }, { deadlineMs: Infinity }, { maxAttempts: 0 }]) {
    await assert.rejects(applyHealingStrategy(error, operation, limits), RangeError);
  }
  await assert.rejects(applyHealingStrategy(error, { ...operation, requestsPerAttempt: 0 }), RangeError);
});

Deno.test("applyHealingStrategy() stops when its caller does", async () => {
  const { outcome } = await heal(busy(), { defaultValue: () => "0" }, { signal: AbortSignal.abort() });
  assert.equal(outcome.kind, "failed");
  assert.match(refusalOf(outcome, "USE_DEFAULT_VALUE"), /caller has stopped/);
});

Deno.test("applyHealingStrategy() does not repeat what its author's own time limit has ended, and lets a default stand in", async () => {
  const aborted = new DOMException("The signal has been aborted", "AbortError");
  const run = () => assert.fail("made again");
  const { outcome } = await heal(aborted, { run, defaultValue: () => "0" });
  assert.equal(valueOf(outcome), "0");
});
