/** The simulation benches at a small size, and their own judge. */

import assert from "node:assert/strict";
import { simulateCanaries } from "../../../scripts/bench/canary.sim.ts";
import { simulateExperiments } from "../../../scripts/bench/experiments.sim.ts";
import { simulatePatterns } from "../../../scripts/bench/patterns.sim.ts";
import { simulatePredictions } from "../../../scripts/bench/predictions.sim.ts";
import { brokenBounds, quantileOf, seededChance } from "../../../scripts/lib/simulation.ts";

Deno.test("simulateExperiments() breaks no bound at a small size, and sees that the naive test does", () => {
  const findings = simulateExperiments({ runs: 400, outcomes: 2_000, looks: [200] });
  assert.deepEqual(brokenBounds(findings), []);
  assert.ok(findings.filter(({ bound }) => bound !== undefined).length >= 24);
  const naive = findings.filter(({ figure }) => figure.startsWith("naive")).map(({ value }) => value);
  assert.equal(naive.length, 3);
  // Chi-square at every look, failures counted when they come, several outcomes a unit.
  const least = [25, 15, 8];
  assert.ok(naive.every((value, index) => value > least[index]!), `${naive} %`);
});

Deno.test("simulateCanaries() breaks no bound at a small size", () => {
  // So few runs cannot show a rate of one in a hundred: at most two of forty, and the rest is the bench's.
  const findings = simulateCanaries({ runs: 40, looks: 60 });
  const loose = findings.map((finding) => {
    const { bound } = finding;
    if (bound === undefined) return finding;
    return { ...finding, bound: "atMost" in bound ? { atMost: 5 } : { atLeast: bound.atLeast - 10 } };
  });
  assert.deepEqual(brokenBounds(loose), []);
  assert.ok(findings.filter(({ bound }) => bound !== undefined).length >= 15);
});

Deno.test("simulatePatterns() breaks no bound at a small size, and sees that the mean alone does", () => {
  const findings = simulatePatterns({ patterns: 1_000, horizons: [30, 60] });
  assert.deepEqual(brokenBounds(findings), []);
  const naive = findings.find(({ figure }) => figure.startsWith("naive"))!;
  assert.ok(naive.value > 15, `${naive.value} %`);
  const trust = findings.filter(({ figure }) => figure === "outcomes to trust, median").map(({ value }) =>
    value
  );
  assert.deepEqual(trust, [13, 6, 6]);
});

Deno.test("simulatePredictions() breaks no bound at a small size, and predicts a family that is alike far better than the score", () => {
  const findings = simulatePredictions({ runs: 2_000 });
  assert.deepEqual(brokenBounds(findings), []);
  const ratio = findings.find(({ figure }) => figure === "prediction over score")!;
  assert.ok(ratio.value < 0.8, String(ratio.value));
});

Deno.test("brokenBounds() refuses what is over, under or no number, and lets pass what is on the bound", () => {
  const finding = { scenario: "s", figure: "f", runs: 1 };
  const on = [
    { ...finding, value: 5, bound: { atMost: 5 } },
    { ...finding, value: 90, bound: { atLeast: 90 } },
    { ...finding, value: Number.NaN },
  ];
  const broken = [
    { ...finding, value: 5.1, bound: { atMost: 5 } },
    { ...finding, value: 89.9, bound: { atLeast: 90 } },
    { ...finding, value: Number.NaN, bound: { atMost: 5 } },
  ];
  assert.deepEqual(brokenBounds([...on, ...broken]), broken);
});

Deno.test("seededChance() repeats itself for a seed, differs between seeds and is even", () => {
  const draw = (seed: number, n: number) => Array.from({ length: n }, seededChance(seed));
  assert.deepEqual(draw(5, 20), draw(5, 20));
  assert.notDeepEqual(draw(5, 20), draw(6, 20));
  const values = draw(7, 100_000);
  assert.ok(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length - 0.5) < 0.004);
  assert.ok(values.every((value) => value >= 0 && value < 1));
});

Deno.test("quantileOf() is the smallest value that covers the share", () => {
  assert.equal(quantileOf([3, 1, 2, 4], 0.5), 2);
  assert.equal(quantileOf([3, 1, 2, 4], 0.95), 4);
  assert.equal(quantileOf([3, 1, 2, 4], 0), 1);
});
