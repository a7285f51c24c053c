/** The tests of error rates against independently computed numbers, and the order in which a canary is judged. */

import assert from "node:assert/strict";
import {
  CANARY_RULES,
  type CanaryInput,
  type ErrorCounts,
  evidenceAgainstBaseline,
  evidenceAgainstControl,
  judgeCanary,
  type MinuteCounts,
  spreadBetween,
  spreadOf,
  type WatchedMetric,
} from "../../../supabase/functions/_shared/statistics.ts";
import { assertClose, choose } from "../../helpers/exact.ts";

type Pair = readonly [errors: number, n: number];
type Minute = readonly [errors: number, n: number, controlErrors: number, controlN: number];

function counts([errors, n]: Pair): ErrorCounts {
  return { errors, n };
}

function minutesOf(minutes: readonly Minute[]): MinuteCounts[] {
  return minutes.map(([errors, n, others, m]) => ({
    canary: counts([errors, n]),
    control: counts([others, m]),
  }));
}

function repeat<Item>(item: Item, times: number): Item[] {
  return Array.from({ length: times }, () => item);
}

/** By mpmath 1.3 with 50 digits: the mixture of binomials over the beta-binomial of the posterior. */
const AGAINST_BASELINE: readonly [Pair, Pair, number][] = [
  [[80, 2_000], [400, 20_000], 13.076023737682],
  [[40, 2_000], [400, 20_000], -4.86186170194006],
  [[5, 100], [0, 20_000], 12.9559616470002],
  [[3, 2_000], [0, 20_000], 3.63609758868088],
  [[0, 2_000], [400, 20_000], -23.0427296865844],
  [[100, 100], [400, 20_000], 337.049464178342],
  [[20_500, 1_000_000], [200_000, 10_000_000], -1640.05434022224],
  [[9.5, 250.25], [100.5, 5_000], 1.10863432137942],
];

Deno.test("evidenceAgainstBaseline() is what fifty digits say, also for millions, for nothing and for parts of requests", () => {
  for (const [canary, baseline, expected] of AGAINST_BASELINE) {
    const evidence = evidenceAgainstBaseline(counts(canary), counts(baseline));
    assertClose(evidence, expected, 1e-9 * Math.max(1, Math.abs(expected)));
  }
});

Deno.test("evidenceAgainstBaseline() has winnings of one in the mean over everything that the baseline predicts", () => {
  const [e0, n0, n] = [3, 40, 12];
  const a = e0 + 0.5;
  const b = n0 - e0 + 0.5;
  const rising = (x: number, k: number) =>
    Array.from({ length: k }, (_, i) => x + i).reduce((p, f) => p * f, 1);
  let mean = 0;
  for (let x = 0; x <= n; x++) {
    const chance = Number(choose(n, x)) * rising(a, x) * rising(b, n - x) / rising(a + b, n);
    mean += chance * Math.exp(evidenceAgainstBaseline({ errors: x, n }, { errors: e0, n: n0 }));
  }
  assertClose(mean, 1, 1e-12);
});

/** By mpmath 1.3 with 50 digits; the second number with a dispersion of two. */
const AGAINST_CONTROL: readonly [Minute[], number, number][] = [
  [[[8, 100, 0, 100]], 3.51675432512172, 1.52656892070973],
  [repeat([4, 100, 2, 100], 5), 1.33472953327389, 0.585220381353891],
  [[[2, 10, 3, 90], [5, 50, 1, 50], [0, 20, 0, 5]], 2.04154259358971, 0.963002257294448],
  [[[80, 2_000, 40, 2_000]], 6.04349446476673, 2.87123966659839],
];

Deno.test("evidenceAgainstControl() is what fifty digits say, and less where errors come in bursts", () => {
  for (const [minutes, expected, dispersed] of AGAINST_CONTROL) {
    assertClose(evidenceAgainstControl(minutesOf(minutes)), expected, 1e-12 * 10);
    assertClose(evidenceAgainstControl(minutesOf(minutes), 2), dispersed, 1e-12 * 10);
  }
});

Deno.test("evidenceAgainstControl() never has winnings of more than one in the mean when both arms draw from the same errors", () => {
  // Every way in which so many errors fall on so many requests: hypergeometric, exactly.
  for (const [n, m, errors] of [[5, 5, 4], [3, 9, 6], [8, 2, 5], [4, 4, 8], [1, 6, 2]] as const) {
    let mean = 0;
    for (let x = Math.max(0, errors - m); x <= Math.min(n, errors); x++) {
      const chance = Number(choose(n, x) * choose(m, errors - x)) / Number(choose(n + m, errors));
      mean += chance * Math.exp(evidenceAgainstControl(minutesOf([[x, n, errors - x, m]])));
    }
    assert.ok(mean <= 1 + 1e-12, `${n} and ${m} requests, ${errors} errors: ${mean}`);
  }
});

Deno.test("evidenceAgainstControl() learns nothing of a minute that befell both arms alike, or that one of them missed", () => {
  const calm = minutesOf(repeat([2, 100, 2, 100], 10));
  const outage = minutesOf([[100, 100, 100, 100], [50, 50, 0, 0], [0, 0, 50, 50]]);
  assert.ok(evidenceAgainstControl([...calm, ...outage]) < evidenceAgainstControl(calm));
});

Deno.test("spreadOf() is Pearson's statistic over its freedom, with the chance that scipy gives it", () => {
  const blocks = [[4, 100], [12, 100], [8, 100], [9, 100], [3, 100], [14, 100], [6, 100], [8, 100]] as const;
  const rate = 64 / 800;
  const factor = blocks.reduce((sum, [errors]) => sum + (errors - 8) ** 2 / (100 * rate * (1 - rate)), 0) / 7;
  const spread = spreadOf(blocks.map(counts));
  assertClose(spread.factor, factor, 1e-12);
  assert.equal(spread.blocks, 8);
  // scipy 1.17.1: chi2.sf(7 * 1.902173913043478, 7) = 0.06479060411844091.
  assert.ok(Math.abs(spread.pValue - 0.0647906) < 0.002, String(spread.pValue));
});

Deno.test("spreadOf() says nothing of few blocks, of none, and of errors that all or none have", () => {
  const nothing = [[], repeat(counts([5, 100]), 4), repeat(counts([0, 100]), 50), repeat(counts([7, 7]), 50)];
  for (const blocks of nothing) assert.equal(spreadOf(blocks).factor, 1);
});

Deno.test("spreadBetween() sees bursts of one arm, and not those of both", () => {
  const alone = Array.from({ length: 40 }, (_, i): Minute => [i % 8 === 0 ? 24 : 1, 100, 4, 100]);
  const both = Array.from(
    { length: 40 },
    (_, i): Minute => i % 8 === 0 ? [24, 100, 22, 100] : [1, 100, 1, 100],
  );
  assert.ok(spreadBetween(minutesOf(alone)).factor > 3);
  assert.ok(spreadBetween(minutesOf(both)).pValue > 0.01);
});

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
