import assert from "node:assert/strict";
import { welchTest } from "../../supabase/functions/_shared/statistics.ts";

function figures(values: number[]) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { n: values.length, mean, variance };
}

// The three examples of the article "Welch's t-test" in Wikipedia, whose figures anybody can check: t, degrees of freedom, P two-sided.
const A1 = [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4];
const A2 = [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 20.5, 24.4];

Deno.test("welchTest() gives the published figures of samples with equal spread", () => {
  const { t, degreesOfFreedom, pGreater } = welchTest(figures(A2), figures(A1));
  assert.ok(Math.abs(t - 2.46) < 0.005, String(t));
  assert.ok(Math.abs(degreesOfFreedom - 25.0) < 0.1, String(degreesOfFreedom));
  assert.ok(Math.abs(2 * pGreater - 0.021) < 0.0005, String(2 * pGreater));
});

Deno.test("welchTest() is exact where the distribution is known by a formula", () => {
  // With one and with two degrees of freedom Student's distribution has a closed form.
  const two = welchTest({ n: 2, mean: 3, variance: 2 }, { n: 2, mean: 0, variance: 2 });
  assert.ok(Math.abs(two.degreesOfFreedom - 2) < 1e-12);
  const expected = 0.5 - two.t / (2 * Math.sqrt(2 + two.t ** 2));
  assert.ok(Math.abs(two.pGreater - expected) < 1e-12);
  assert.ok(
    Math.abs(
      welchTest({ n: 2, mean: 0, variance: 2 }, { n: 2, mean: 3, variance: 2 }).pGreater - (1 - expected),
    ) < 1e-12,
  );
});

Deno.test("welchTest() says what it can of samples without spread, and refuses nonsense", () => {
  const flat = { n: 5, mean: 1, variance: 0 };
  assert.equal(welchTest({ ...flat, mean: 2 }, flat).pGreater, 0);
  assert.equal(welchTest(flat, { ...flat, mean: 2 }).pGreater, 1);
  assert.equal(welchTest(flat, flat).pGreater, 0.5);
  assert.throws(() => welchTest({ ...flat, n: 1 }, flat), /"a.n" must be/);
  assert.throws(() => welchTest(flat, { ...flat, mean: Number.NaN }), /"b.mean" must be/);
});
