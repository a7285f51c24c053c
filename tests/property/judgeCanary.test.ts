/** What holds of the judge of releases whatever was counted. */

import assert from "node:assert/strict";
import {
  CANARY_RULES,
  type ErrorCounts,
  evidenceAgainstBaseline,
  evidenceAgainstControl,
  judgeCanary,
  type MinuteCounts,
  type WatchedMetric,
} from "../../supabase/functions/_shared/statistics.ts";
import { assertProperty, fc } from "../helpers/property.ts";

const counts = fc.oneof(fc.nat(3), fc.nat(60), fc.nat(5_000))
  .chain((n) => fc.record({ n: fc.constant(n), errors: fc.nat(n) }));
const minute: fc.Arbitrary<MinuteCounts> = fc.record({ canary: counts, control: counts });
const minutes = fc.array(minute, { maxLength: 40 });
const baseline = fc.option(
  fc.record({ buckets: fc.array(counts, { maxLength: 60 }), bucketMinutes: fc.integer({ min: 1, max: 60 }) }),
);
const nonsense = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -1, 1e300), fc.integer());
const noCounts: fc.Arbitrary<ErrorCounts> = fc.record({ n: nonsense, errors: nonsense });

function metricOf(minutes: MinuteCounts[], baseline: WatchedMetric["baseline"]): WatchedMetric {
  return { name: "errors", onRegression: "revert", minutes, baseline };
}

Deno.test("judgeCanary() always says one of four things with a reason, and all of its figures are plain JSON", () => {
  assertProperty(fc.property(
    minutes,
    baseline,
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.nat(60),
    fc.integer({ min: 1, max: 6 }),
    (minutes, baseline, share, stepMinutes, steps) => {
      const verdict = judgeCanary({ metrics: [metricOf(minutes, baseline)], share, stepMinutes, steps });
      assert.ok(["promote", "wait", "pause", "rollback"].includes(verdict.kind));
      assert.notEqual(verdict.reason, "");
      assert.ok(!/NaN|undefined|Infinity/.test(verdict.reason), verdict.reason);
      assert.deepEqual(JSON.parse(JSON.stringify(verdict.figures)), verdict.figures);
    },
  ));
});

Deno.test("judgeCanary() takes nothing back for few errors, and lets nothing go on without requests", () => {
  assertProperty(fc.property(minutes, baseline, (minutes, baseline) => {
    const total = minutes.reduce(
      (sum, { canary }) => ({ n: sum.n + canary.n, errors: sum.errors + canary.errors }),
      { n: 0, errors: 0 },
    );
    const { kind } = judgeCanary({
      metrics: [metricOf(minutes, baseline)],
      share: 0.5,
      stepMinutes: minutes.length,
    });
    const isTooLittle = total.n < CANARY_RULES.minToRevert || total.errors < CANARY_RULES.minErrors;
    if (kind === "rollback") assert.ok(!isTooLittle, JSON.stringify(total));
    if (kind === "promote") assert.ok(total.n >= 500);
  }));
});

Deno.test("judgeCanary() pauses on counts that are none, wherever they stand, and never throws", () => {
  assertProperty(fc.property(minutes, noCounts, fc.boolean(), (minutes, odd, isControl) => {
    const bad = isControl
      ? { canary: { n: 5, errors: 0 }, control: odd }
      : { canary: odd, control: { n: 5, errors: 0 } };
    const isReal = odd.n >= 0 && odd.n <= 1e9 && odd.errors >= 0 && odd.errors <= odd.n;
    const verdict = judgeCanary({ metrics: [metricOf([...minutes, bad], null)], share: 0.5, stepMinutes: 5 });
    if (!isReal) assert.deepEqual([verdict.kind, verdict.rule], ["pause", "unreadable"]);
  }));
});

Deno.test("evidenceAgainstControl() never falls when a request fails that had not", () => {
  assertProperty(fc.property(counts, counts, (canary, control) => {
    if (canary.errors === canary.n) return;
    const of = (errors: number) => evidenceAgainstControl([{ canary: { n: canary.n, errors }, control }]);
    assert.ok(of(canary.errors + 1) >= of(canary.errors) - 1e-7 * canary.n);
  }));
});

Deno.test("evidenceAgainstBaseline() never falls when a request fails that had not, from the rate of before on", () => {
  const known = fc.integer({ min: 1_000, max: 1_000_000 })
    .chain((n) => fc.record({ n: fc.constant(n), errors: fc.nat(n) }));
  assertProperty(fc.property(counts, known, (canary, before) => {
    const rate = (before.errors + 0.5) / (before.n + 1);
    if (canary.errors === canary.n || canary.errors < rate * canary.n) return;
    const of = (errors: number) => evidenceAgainstBaseline({ n: canary.n, errors }, before);
    assert.ok(of(canary.errors + 1) >= of(canary.errors) - 1e-7 * canary.n);
  }));
});
