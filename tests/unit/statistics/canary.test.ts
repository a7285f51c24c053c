/** The order in which a canary is judged, and what each rule rests on. */

import assert from "node:assert/strict";
import {
  CANARY_RULES,
  type CanaryInput,
  judgeCanary,
  type WatchedMetric,
} from "../../../supabase/functions/_shared/statistics.ts";
import { counts, type Minute, minutesOf, type Pair, repeat } from "../../helpers/canaryCounts.ts";

interface CaseOptions {
  minutes: readonly Minute[];
  before?: readonly Pair[] | null;
  on?: "revert" | "pause";
  input?: Partial<CanaryInput>;
}

/** Errors of twenty in a thousand before, unless something else is said. */
function judge({ minutes, before = repeat([2, 100], 200), on = "revert", input = {} }: CaseOptions) {
  const metric: WatchedMetric = {
    name: on === "revert" ? "errors" : "slow",
    onRegression: on,
    minutes: minutesOf(minutes),
    baseline: before === null ? null : { buckets: before.map(counts), bucketMinutes: 10 },
  };
  return judgeCanary({ metrics: [metric], share: 0.5, stepMinutes: minutes.length, ...input });
}

Deno.test("judgeCanary() takes back what fails twice as often, with every figure that it rests on", () => {
  const verdict = judge({ minutes: repeat([4, 100, 2, 100], 40) });
  assert.equal(verdict.kind, "rollback");
  const [figures] = verdict.figures;
  assert.ok(
    figures!.againstBaseline! >= 2 * CANARY_RULES.worse || figures!.againstControl! >= 2 * CANARY_RULES.worse,
  );
  assert.deepEqual(
    [figures!.n, figures!.errors, figures!.rate, figures!.controlRate, figures!.baselineRate],
    [
      4_000,
      160,
      0.04,
      0.02,
      0.02,
    ],
  );
  assert.match(verdict.reason, /4 % of 4000 against 2 % of 4000 at the same time; evidence \d/);
});

Deno.test("judgeCanary() lets go on what is as before, and only after the requests and minutes of its step", () => {
  const minutes = repeat([2, 100, 2, 100] as const, 20);
  assert.equal(judge({ minutes }).kind, "promote");
  const early = judge({ minutes, input: { stepMinutes: 4 } });
  assert.equal(early.kind, "wait");
  assert.deepEqual(early.kind === "wait" && early.missing, { requests: 100, minutes: 6 });
  const few = judge({ minutes: repeat([0, 10, 0, 10], 20) });
  assert.deepEqual(few.kind === "wait" && few.missing, { requests: 300, minutes: 0 });
});

Deno.test("judgeCanary() does not let go on what may be twice as bad, though nothing is shown yet", () => {
  const verdict = judge({
    minutes: repeat([2, 60, 1, 60], 10),
    input: { plan: { tolerance: { ratio: 1.5, share: 0 } } },
  });
  assert.deepEqual([verdict.kind, verdict.rule], ["wait", "notSure"]);
});

Deno.test("judgeCanary() never promotes and never takes back without data", () => {
  const silences: readonly Minute[][] = [
    [],
    repeat([0, 0, 0, 0], 5),
    repeat([0, 0, 0, 0], 2_000),
    repeat([0, 0, 5, 100], 60),
  ];
  for (const minutes of silences) {
    for (const before of [null, repeat([2, 100] as const, 200), repeat([0, 0] as const, 10)]) {
      const { kind } = judge({ minutes, before });
      assert.ok(kind === "wait" || kind === "pause", `${minutes.length} minutes: ${kind}`);
    }
  }
});

Deno.test("judgeCanary() pauses when the data stop: by the control, by what was usual, and not at a quiet hour", () => {
  const was = repeat([2, 100, 2, 100] as const, 20);
  const gone = judge({ minutes: [...was, ...repeat([0, 0, 2, 100] as const, 5)], before: null });
  assert.deepEqual([gone.kind, gone.rule], ["pause", "missingData"]);
  const silent = judge({ minutes: [...was, ...repeat([0, 0, 0, 0] as const, 10)] });
  assert.deepEqual([silent.kind, silent.rule], ["pause", "missingData"]);
  const never = judge({ minutes: repeat([0, 0, 0, 0] as const, 10), input: { share: 1 } });
  assert.deepEqual([never.kind, never.rule], ["pause", "missingData"]);
  // Behind a share nobody knows how many requests ask for it.
  assert.equal(judge({ minutes: repeat([0, 0, 0, 0] as const, 10) }).kind, "wait");
  const quiet = judge({ minutes: [...was, ...repeat([0, 0, 0, 1] as const, 3)], before: null });
  assert.equal(quiet.kind, "promote");
});

Deno.test("judgeCanary() pauses on figures that make no sense, and on none", () => {
  const bad: readonly Minute[] = [
    [5, 3, 0, 0],
    [Number.NaN, 10, 0, 0],
    [1, Number.NaN, 0, 0],
    [-1, 5, 0, 0],
    [0, Infinity, 0, 0],
  ];
  for (const minute of bad) {
    const verdict = judge({ minutes: [...repeat([2, 100, 2, 100] as const, 20), minute] });
    assert.deepEqual([verdict.kind, verdict.rule], ["pause", "unreadable"], String(minute));
  }
  for (const metrics of [null, []]) {
    assert.equal(judgeCanary({ metrics, share: 1, stepMinutes: 1 }).rule, "unreadable");
  }
  assert.equal(judge({ minutes: repeat([2, 100, 2, 100], 20), before: [[5, 3]] }).rule, "unreadable");
});

Deno.test("judgeCanary() takes nothing back for fewer than five errors or fifty requests, however rare they were before", () => {
  const before = repeat([0, 100] as const, 200);
  const sparse = judge({ minutes: repeat([1, 100, 0, 0] as const, 4), before });
  assert.notEqual(sparse.kind, "rollback");
  const tiny = judge({ minutes: repeat([10, 10, 0, 0] as const, 4), before });
  assert.notEqual(tiny.kind, "rollback");
  const enough = judge({ minutes: repeat([2, 100, 0, 0] as const, 8), before });
  assert.deepEqual([enough.kind, enough.rule], ["rollback", "worseThanBaseline"]);
});

Deno.test("judgeCanary() does not let a control that ended with an earlier step excuse what comes after", () => {
  const minutes: Minute[] = [
    ...repeat([2, 100, 2, 100] as const, 30),
    ...repeat([10, 200, 0, 0] as const, 15),
  ];
  const verdict = judge({ minutes, input: { stepMinutes: 15, steps: 5, share: 1 } });
  assert.deepEqual([verdict.kind, verdict.rule], ["rollback", "worseThanBaseline"]);
});

Deno.test("judgeCanary() sees harm of the present step behind long good ones, where it is told of steps", () => {
  const good = repeat([2, 100, 0, 0] as const, 200);
  const minutes = [...good, ...repeat([6, 100, 0, 0] as const, 12)];
  assert.notEqual(judge({ minutes, input: { stepMinutes: 12 } }).kind, "rollback");
  assert.equal(judge({ minutes, input: { stepMinutes: 12, steps: 5 } }).kind, "rollback");
  assert.notEqual(
    judge({
      minutes: [...good, ...repeat([2, 100, 0, 0] as const, 12)],
      input: { stepMinutes: 12, steps: 5 },
    }).kind,
    "rollback",
  );
});

Deno.test("judgeCanary() takes back what fails at half of its calls where no call failed before", () => {
  const before = repeat([0, 100] as const, 200);
  for (const rate of [5, 25, 50, 100]) {
    const verdict = judge({ minutes: repeat([rate, 100, 0, 0] as const, 6), before });
    assert.equal(verdict.kind, "rollback", `${rate} %`);
  }
});

Deno.test("judgeCanary() takes back a release that fails at every call after three minutes of it", () => {
  const verdict = judge({ minutes: repeat([50, 50, 1, 50] as const, 3) });
  assert.equal(verdict.kind, "rollback");
  assert.notEqual(judge({ minutes: repeat([50, 50, 1, 50] as const, 2) }).kind, "rollback");
});

Deno.test("judgeCanary() does not take one or two bad minutes for a regression", () => {
  const minutes: Minute[] = [[40, 50, 0, 0], [45, 50, 0, 0], ...repeat([1, 50, 0, 0] as const, 2)];
  assert.notEqual(judge({ minutes }).kind, "rollback");
});

Deno.test("judgeCanary() pauses, and takes nothing back, when the old release has worsened as well", () => {
  const verdict = judge({ minutes: repeat([20, 100, 20, 100] as const, 20) });
  assert.deepEqual([verdict.kind, verdict.rule], ["pause", "everywhere"]);
  assert.match(verdict.reason, /the old release fails in 20 % now as well/);
});

Deno.test("judgeCanary() pauses for a metric that only pauses, whatever it shows", () => {
  const fine: WatchedMetric = {
    name: "errors",
    onRegression: "revert",
    minutes: minutesOf(repeat([0, 100, 0, 100], 20)),
    baseline: { buckets: repeat(counts([0, 100]), 200), bucketMinutes: 10 },
  };
  const slow = {
    ...fine,
    name: "slow",
    onRegression: "pause" as const,
    minutes: minutesOf(repeat([90, 100, 5, 100], 20)),
  };
  const verdict = judgeCanary({ metrics: [fine, slow], share: 0.5, stepMinutes: 20 });
  assert.deepEqual([verdict.kind, verdict.rule], ["pause", "slower"]);
  assert.match(verdict.reason, /slow: 90 % of 2000 against 5 % at the same time/);
});

Deno.test("judgeCanary() pauses for bursts at the same rate", () => {
  const minutes = Array.from({ length: 200 }, (_, i): Minute => [i % 10 === 9 ? 20 : 0, 100, 0, 0]);
  const verdict = judge({ minutes });
  assert.deepEqual([verdict.kind, verdict.rule], ["pause", "unstable"]);
});

Deno.test("judgeCanary() leaves a step without anything to compare with to a person", () => {
  const verdict = judge({ minutes: repeat([0, 100, 0, 0], 2_000), before: null, input: { share: 1 } });
  assert.deepEqual([verdict.kind, verdict.rule], ["pause", "noBaseline"]);
});

Deno.test("judgeCanary() refuses a plan that makes no sense", () => {
  const plans = [{ minRequests: 0 }, { minMinutes: 0.5 }, { minMinutes: 20, maxMinutes: 10 }, {
    tolerance: { ratio: 0.5, share: 0 },
  }];
  for (const plan of plans) assert.throws(() => judge({ minutes: [], input: { plan } }), RangeError);
  for (const share of [-0.1, 1.1, Number.NaN]) {
    assert.throws(() => judge({ minutes: [], input: { share } }), RangeError);
  }
});
