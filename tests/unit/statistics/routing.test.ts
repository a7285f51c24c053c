/** The sticky hash that shares units out. */

import assert from "node:assert/strict";
import { chiSquareTest, routeBySplit } from "../../../supabase/functions/_shared/statistics.ts";

const EXPERIMENT = "7a0c5c5e-6b0f-4c1e-9a39-1a9d5d3f8e11";
const OTHER = "7a0c5c5e-6b0f-4c1e-9a39-1a9d5d3f8e12";
const UNITS = Array.from({ length: 40_000 }, (_, index) => `user-${index}`);

function countB(units: readonly string[], share: number, experiment = EXPERIMENT): number {
  return units.filter((unit) => routeBySplit(experiment, unit, share) === "b").length;
}

Deno.test("routeBySplit() gives a unit the same variant each time", () => {
  for (const unit of UNITS.slice(0, 200)) {
    assert.equal(routeBySplit(EXPERIMENT, unit), routeBySplit(EXPERIMENT, unit));
  }
});

Deno.test("routeBySplit() stays as it is between releases, or running experiments would change sides", () => {
  // Of the hashes by another implementation (Python, whole numbers): "experiment:1" is 0x183ce3da, "a" 0xca2e9442.
  const units = ["1", "2", "3", "4", "5", "6", "7", "8"];
  assert.equal(units.map((unit) => routeBySplit("experiment", unit)).join(""), "bbbbbaba");
  assert.equal(units.map((unit) => routeBySplit("versuch", `größe ${unit}`)).join(""), "aaabaaba");
  const share = 0x183ce3da / 2 ** 32;
  assert.equal(routeBySplit("experiment", "1", share), "a");
  assert.equal(routeBySplit("experiment", "1", share + 2 ** -32), "b");
});

Deno.test("routeBySplit() gives b its share, whatever the share", () => {
  for (const share of [0.01, 0.1, 0.5, 0.8, 0.99]) {
    const deviation = Math.sqrt(share * (1 - share) / UNITS.length);
    const z = (countB(UNITS, share) / UNITS.length - share) / deviation;
    assert.ok(Math.abs(z) < 4, `${share}: ${z}`);
  }
  assert.equal(countB(UNITS, 0), 0);
  assert.equal(countB(UNITS, 1), UNITS.length);
});

Deno.test("routeBySplit() keeps a unit in b when the share of b grows", () => {
  for (const unit of UNITS.slice(0, 2_000)) {
    const variants = [0.1, 0.3, 0.5, 0.9].map((share) => routeBySplit(EXPERIMENT, unit, share));
    assert.deepEqual(variants, variants.toSorted());
  }
});

Deno.test("routeBySplit() shares units of two experiments out independently, though their ids differ by a digit", () => {
  const inB = UNITS.filter((unit) => routeBySplit(EXPERIMENT, unit) === "b");
  const inA = UNITS.filter((unit) => routeBySplit(EXPERIMENT, unit) === "a");
  const { pValue } = chiSquareTest(
    { successes: countB(inA, 0.5, OTHER), n: inA.length },
    { successes: countB(inB, 0.5, OTHER), n: inB.length },
  );
  assert.ok(pValue > 1e-4, `p ${pValue}`);
});

Deno.test("routeBySplit() refuses an empty id and a share outside 0..1", () => {
  assert.throws(() => routeBySplit("", "u"), /"experimentId" must be a text that is not empty/);
  assert.throws(() => routeBySplit("e", ""), RangeError);
  assert.throws(() => routeBySplit("e", "u", 1.5), RangeError);
  assert.throws(() => routeBySplit("e", "u", Number.NaN), /current value is NaN/);
});
