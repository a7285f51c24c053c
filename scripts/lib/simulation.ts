/**
 * What the simulation benches share: chance from a seed, and findings that hold a bound or break it.
 *
 * @module
 */

import { printError } from "./print.ts";
import { printTable } from "./printTable.ts";

/** A source of numbers from 0 (inclusive) to 1 (exclusive). */
export type Chance = () => number;

/** One figure that a simulation measured. */
export interface Finding {
  /** What was simulated. */
  scenario: string;
  /** What was measured, with its unit. */
  figure: string;
  value: number;
  /** What must hold; a finding without a bound is there to compare with. */
  bound?: { atMost: number } | { atLeast: number };
  /** How many runs the value rests on. */
  runs: number;
}

/** The same numbers for the same seed on every machine: sfc32 of PractRand, with its first values thrown away. */
export function seededChance(seed: number): Chance {
  let [a, b, c, d] = [seed | 0, 0x9e3779b9 | 0, 0x243f6a88 | 0, 1];
  function next(): number {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }
  for (let warmUp = 0; warmUp < 16; warmUp++) next();
  return next;
}

/** The smallest value that at least `share` (0..1) of the values do not exceed. */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** How many of the runs it happened in, in percent. */
export function percent(
  scenario: string,
  figure: string,
  hits: number,
  runs: number,
  bound?: NonNullable<Finding["bound"]>,
): Finding {
  return { scenario, figure, value: 100 * hits / runs, runs, ...(bound === undefined ? {} : { bound }) };
}

/** The findings that break their bound; a figure that is no number breaks every bound. */
export function brokenBounds(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ bound, value }) => {
    if (bound === undefined) return false;
    return "atMost" in bound ? !(value <= bound.atMost) : !(value >= bound.atLeast);
  });
}

/** Prints the findings, and makes the process fail when one breaks its bound. */
export function reportFindings(findings: readonly Finding[]): void {
  printTable(findings.map(({ scenario, figure, value, bound, runs }) => ({
    scenario,
    figure,
    value: Number(value.toPrecision(4)),
    bound: bound === undefined ? "" : "atMost" in bound ? `<= ${bound.atMost}` : `>= ${bound.atLeast}`,
    runs,
  })));
  const broken = brokenBounds(findings);
  for (const { scenario, figure, value } of broken) printError(`BROKEN: ${scenario}: ${figure} is ${value}`);
  if (broken.length > 0) Deno.exitCode = 1;
}
