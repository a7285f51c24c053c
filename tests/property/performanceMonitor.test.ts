import assert from "node:assert/strict";
import { Histogram, RELATIVE_ERROR } from "../../supabase/functions/_shared/performanceMonitor.ts";
import { exactQuantile } from "../helpers/metrics.ts";
import { assertProperty, fc } from "../helpers/property.ts";

/** Amounts over all orders of magnitude for which the bound is promised, and 0. */
const amounts = fc.array(
  fc.oneof(
    fc.double({ min: 0.001, max: 1e12, noNaN: true }),
    fc.integer({ min: 1, max: 1_000 }),
    fc.double({ min: -3, max: 12, noNaN: true }).map((exponent) => 10 ** exponent),
    fc.constant(0),
  ),
  { minLength: 1, maxLength: 400 },
);
const quantiles = fc.oneof(
  fc.constantFrom(0, 0.5, 0.95, 0.99, 1),
  fc.double({ min: 0, max: 1, noNaN: true }),
);

function histogramOf(samples: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const sample of samples) histogram.add(sample);
  return histogram;
}

Deno.test("Histogram.quantile() is never more than 2 % away from the exact one", () => {
  assertProperty(
    fc.property(amounts, quantiles, (samples, quantile) => {
      const exact = exactQuantile(samples, quantile);
      const found = histogramOf(samples).quantile(quantile)!;
      assert.ok(Math.abs(found - exact) <= exact * (RELATIVE_ERROR + 1e-9), `${found} instead of ${exact}`);
    }),
    { runs: 2_000 },
  );
});

Deno.test("Histogram.merge() is as if all samples had been taken by one, in whatever order and groups", () => {
  assertProperty(fc.property(fc.array(amounts, { maxLength: 6 }), (groups) => {
    const merged = new Histogram();
    for (const group of groups) merged.merge(histogramOf(group));
    const whole = histogramOf(groups.flat().reverse());
    assert.deepEqual(new Map([...merged.cells].sort()), new Map([...whole.cells].sort()));
    assert.deepEqual([merged.count, merged.min, merged.max], [whole.count, whole.min, whole.max]);
  }));
});

Deno.test("Histogram takes any finite amount, and stays small", () => {
  assertProperty(
    fc.property(fc.array(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true })), (samples) => {
      const histogram = histogramOf(samples);
      assert.ok(histogram.cells.size <= 1_201);
      assert.equal([...histogram.cells.values()].reduce((sum, count) => sum + count, 0), samples.length);
      for (const cell of histogram.cells.keys()) {
        assert.ok(Number.isInteger(cell) && cell >= -400 && cell <= 800);
      }
      const median = histogram.quantile(0.5);
      if (samples.length > 0) assert.ok(median! >= histogram.min && median! <= histogram.max);
    }),
  );
});
