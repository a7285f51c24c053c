import assert from "node:assert/strict";
import { CircuitOpenError } from "../../supabase/functions/_shared/circuitBreaker.ts";
import { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import {
  applyHealingStrategy,
  type CallEffect,
  type HealableOperation,
  STRATEGY_NAMES,
  StrategyMemory,
} from "../../supabase/functions/_shared/healingStrategies.ts";
import { RetryBudget } from "../../supabase/functions/_shared/retry.ts";
import { assertAsyncProperty, fc } from "../helpers/property.ts";
import { VirtualClock } from "../helpers/virtualClock.ts";

function failure(message: string, parts: object = {}): Error {
  return Object.assign(new Error(message), parts);
}

const REFUSED = failure("refused by policy", { status: 400, code: "content_policy_violation" });

/** Failures of every class, some in the clothes of another. */
const FAILURES: readonly (() => unknown)[] = [
  () => failure("busy", { status: 503 }),
  () => failure("slow down", { status: 429 }),
  () => failure("slow down", { status: 429, headers: new Headers({ "retry-after": "2" }) }),
  () => failure("slow down", { status: 429, headers: new Headers({ "retry-after": "999999999" }) }),
  () => failure("You exceeded your current quota", { status: 429, code: "insufficient_quota" }),
  () => failure("Request too large for gpt: Limit 1, Requested 2", { status: 429 }),
  () => REFUSED,
  () => new HealingError("UNAVAILABLE", "the model failed", { cause: REFUSED }),
  () => failure("unsupported", { status: 403, code: "unsupported_country_region_territory" }),
  () => failure("statement timeout", { code: "57014" }),
  () => failure("deadlock detected", { code: "40P01" }),
  () => failure("transaction resolution unknown", { code: "08007" }),
  () => failure("no such column", { code: "PGRST204" }),
  () => failure("permission denied", { code: "42501" }),
  () => new CircuitOpenError("target", "open", 700),
  () => new CircuitOpenError("target", "forced open", undefined),
  () => new SyntaxError("Unexpected token '<' is not valid JSON"),
  () => new DOMException("The signal has been aborted", "AbortError"),
  () => failure("nobody knows this"),
  () => "a thrown text",
  () => undefined,
];
const EFFECTS: readonly CallEffect[] = ["read", "keyedWrite", "write"];

/** What one call does: after a while it answers, fails, or never ends. */
const step = fc.record({
  afterMs: fc.constantFrom(0, 1, 40, 900, 6_000),
  does: fc.oneof(
    fc.constant("answers" as const),
    fc.constant("hangs" as const),
    fc.nat(FAILURES.length - 1).map((index) => FAILURES[index]!),
  ),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const scenario = fc.record({
  first: fc.nat(FAILURES.length - 1).map((index) => FAILURES[index]!),
  steps: fc.array(step, { maxLength: 24 }),
  effect: fc.constantFrom(...EFFECTS),
  has: fc.record({
    cache: fc.boolean(),
    endpoints: fc.nat(3),
    connection: fc.boolean(),
    transaction: fc.boolean(),
    queue: fc.boolean(),
    defaultValue: fc.boolean(),
    isSkippable: fc.boolean(),
    altered: fc.boolean(),
  }),
  deadlineMs: fc.constantFrom(0, 1, 300, 5_000, 60_000),
  maxAttempts: fc.integer({ min: 1, max: 6 }),
  recorded: fc.array(
    fc.record({
      fixKind: fc.constantFrom("retry", "switch_endpoint", "reset_connection", "clear_cache"),
      succeeded: fc.boolean(),
    }),
    { maxLength: 30 },
  ),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer Value> ? Value : never;

type Act = (what: string, signal?: AbortSignal) => Promise<string>;

/** Calls that follow the script, and what was called when. */
function actor(steps: readonly Step[], clock: VirtualClock) {
  const calls: { what: string; at: number }[] = [];
  const script = [...steps];
  const act: Act = async (what) => {
    calls.push({ what, at: clock.monotonic() });
    const { afterMs, does }: Step = script.shift() ?? { afterMs: 0, does: "answers" };
    await clock.sleep(afterMs);
    if (does === "answers") return what;
    // Work that hangs does not look at its signal.
    if (does === "hangs") await clock.sleep(10_000_000);
    throw typeof does === "function" ? does() : new Error("it hung");
  };
  return { act, calls };
}

function operationOf({ effect, has }: Scenario, act: Act): HealableOperation<string> {
  const altered = (signal: AbortSignal) => act("altered", signal);
  return {
    name: "target",
    effect,
    run: (signal) => act("run", signal),
    endpoints: Array.from({ length: has.endpoints }, (_, index) => ({
      name: `e${index}`,
      call: (signal) => act(`endpoint ${index}`, signal),
    })),
    ...(has.cache && {
      cache: {
        read: async (signal: AbortSignal) => ({ value: await act("cache", signal), ageMs: 10 }),
        clear: (signal: AbortSignal) => act("clear", signal),
      },
    }),
    ...(has.connection && { connection: { reset: (signal: AbortSignal) => act("reset", signal) } }),
    ...(has.transaction && { transaction: { rollback: (signal: AbortSignal) => act("rollback", signal) } }),
    ...(has.queue && { queue: { enqueue: async () => ({ id: await act("queue") }) } }),
    ...(has.defaultValue && { defaultValue: () => "default" }),
    ...(has.isSkippable && { isCritical: false }),
    ...(has.altered && { regenerate: altered, splitIntoChunks: altered }),
  };
}

/** Plays a scenario, and counts what was called. */
async function play(given: Scenario) {
  const { first, steps, deadlineMs, maxAttempts, recorded } = given;
  const clock = new VirtualClock();
  const memory = new StrategyMemory({ clock });
  const { act, calls } = actor(steps, clock);
  const thrown = first();
  const budget = new RetryBudget({ ratio: 1 });
  budget.start();
  for (const { fixKind, succeeded } of recorded) memory.note("busy", fixKind, succeeded);
  const random = { next: () => 0.5, uuid: () => "" };
  const limits = { deadlineMs, maxAttempts, budget, memory, clock, random };
  const outcome = await clock.run(applyHealingStrategy(thrown, operationOf(given, act), limits));
  const elapsedMs = clock.monotonic();
  const made = calls.length;
  // What was too slow ends some day; it must not begin anything then.
  await clock.settle();
  assert.equal(calls.length, made, "a call began after the end");
  return { outcome, calls, elapsedMs };
}

Deno.test("applyHealingStrategy() ends in time, tries nothing twice, and repeats no write without a key", async () => {
  await assertAsyncProperty(
    fc.asyncProperty(scenario, async (given) => {
      const { outcome, calls, elapsedMs } = await play(given);
      assert.ok(elapsedMs <= Math.max(1, given.deadlineMs), `${elapsedMs} ms of ${given.deadlineMs}`);
      const tried = outcome.tried.map(({ strategy }) => strategy);
      assert.equal(new Set(tried).size, tried.length, tried.join(", "));
      const named = [...tried, ...outcome.refused.map(({ strategy }) => strategy)];
      for (const name of STRATEGY_NAMES) assert.ok(named.includes(name), `${name} is accounted for`);
      const made = (what: RegExp) => calls.filter((call) => what.test(call.what)).length;
      assert.ok(made(/^(run|altered)$/) < given.maxAttempts, `${made(/^(run|altered)$/)} repetitions`);
      for (let index = 0; index < 3; index++) assert.ok(made(new RegExp(`^endpoint ${index}$`)) <= 1);
      for (const what of [/^clear$/, /^reset$/, /^rollback$/, /^queue$/, /^cache$/]) {
        assert.ok(made(what) <= 1, String(what));
      }
      if (given.effect === "write") {
        assert.equal(made(/^(run|altered|endpoint|queue)/), 0, "a write was repeated");
      }
    }),
    { runs: 1_500 },
  );
});

Deno.test("applyHealingStrategy() leaves refusals, lasting faults and asked-for pauses alone", async () => {
  const asked = new Map([[2, 2_000], [3, 999_999_999_000], [14, 700]]);
  await assertAsyncProperty(
    fc.asyncProperty(scenario, fc.constantFrom(2, 3, 4, 6, 7, 8, 14, 15), async (given, index) => {
      const { calls } = await play({ ...given, first: FAILURES[index]! });
      const runs = calls.filter(({ what }) => what === "run" || what === "altered");
      const wish = asked.get(index);
      if (wish !== undefined) {
        assert.ok(runs.every(({ at }) => at >= wish), "called before the time asked for");
      } else assert.deepEqual(runs, [], "what lasts was made again");
      // Quota, and breakers: another place may be asked. Refusals and rate limits: none.
      if ([2, 3, 6, 7, 8].includes(index)) {
        const endpoints = calls.filter(({ what }) => what.startsWith("endpoint"));
        const mayFollow = wish !== undefined && runs.length > 0;
        assert.ok(endpoints.length === 0 || mayFollow, "a refusal was evaded");
      }
    }),
    { runs: 1_000 },
  );
});
