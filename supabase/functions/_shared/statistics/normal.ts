/** The normal distribution and its quantiles. @module */

import { refuse, requireShare } from "./require.ts";

const ROOT_TWO_PI = Math.sqrt(2 * Math.PI);
/** From here the tail's continued fraction is both fast and exact to the last digits; below, the series is. */
const TAIL_FROM = 2;
const FRACTION_TERMS = 80;

/** P(Z < z) of the standard normal distribution; a lower tail keeps 13 digits down to where doubles end. */
export function normalCdf(z: number): number {
  if (Number.isNaN(z)) refuse("compute normalCdf", "z", "a number", z);
  if (z > 0) return 1 - normalCdf(-z);
  return z > -TAIL_FROM ? 0.5 - centre(-z) : lowerTail(-z);
}

/** The z with P(Z < z) = p, for p from 0 (minus infinity) to 1 (infinity). */
export function normalQuantile(p: number): number {
  requireShare("compute normalQuantile", "p", p);
  if (p === 0 || p === 1) return p === 0 ? -Infinity : Infinity;
  if (p > 0.5) return -normalQuantile(1 - p);
  let z = roughQuantile(p);
  // The rough value is right to 4.5e-4; each of Halley's steps triples the number of right digits.
  for (let step = 0; step < 3; step++) {
    const error = (normalCdf(z) - p) / density(z);
    z -= error / (1 + z * error / 2);
  }
  return z;
}

function density(z: number): number {
  return Math.exp(-z * z / 2) / ROOT_TWO_PI;
}

/** P(0 < Z < z), Abramowitz and Stegun 26.2.11. */
function centre(z: number): number {
  let term = z;
  let sum = z;
  for (let k = 3; term > sum * 1e-17; k += 2) {
    term *= z * z / k;
    sum += term;
  }
  return sum * density(z);
}

/** P(Z < -z), Abramowitz and Stegun 26.2.14, from the inside out. */
function lowerTail(z: number): number {
  let fraction = z;
  for (let k = FRACTION_TERMS; k >= 1; k--) fraction = z + k / fraction;
  return density(z) / fraction;
}

/** Abramowitz and Stegun 26.2.23, for p <= 1/2. */
function roughQuantile(p: number): number {
  const t = Math.sqrt(-2 * Math.log(p));
  return (2.515517 + t * (0.802853 + t * 0.010328)) /
      (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
}
