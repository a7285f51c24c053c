/**
 * Whether what is known of a fix is more than luck.
 *
 * These are judgements at one look, over everything that was counted: whoever looks again after every outcome and stops
 * at the first "yes" is fooled more often than the level says. To compare two fixes while they run, use an experiment.
 *
 * @example
 * ```ts
 * import { isStatisticallySignificant } from "./statisticalValidation.ts";
 *
 * const stored = { id: "p", success_count: 27, failure_count: 3 };
 * const db = { call: () => Promise.resolve(stored as never) };
 * const sure = await isStatisticallySignificant(db, "p", { minSampleSize: 30, confidenceLevel: 0.95 });
 * if (!sure) throw new Error("27 of 30 is not luck");
 * ```
 *
 * @module
 */

import { getPatternEvidence } from "./engineDb.ts";
import { type RpcPort } from "./healingDb.ts";
import { chiSquareTest, fisherExactTest, type RateInterval, wilsonInterval } from "./statistics.ts";

/** How sure a judgement has to be. */
export interface SignificanceOptions {
  /** Outcomes below which nothing is significant; 30. */
  minSampleSize?: number;
  /** 0..1, both excluded; 0.95. */
  confidenceLevel?: number;
}

/** What the outcomes of a pattern say, with the figures that it rests on. */
export interface PatternAssessment {
  /** `works`: in more than half of the cases; `fails`: in less; `unknown`: too few, or too close to call. */
  verdict: "works" | "fails" | "unknown";
  reason: string;
  n: number;
  /** Null without an outcome. */
  successRate: number | null;
  /** The Wilson interval at the wanted level. */
  interval: RateInterval;
  confidenceLevel: number;
}

/** True when a pattern surely works in more than half of the cases, by its undiscounted outcomes. */
export async function isStatisticallySignificant(
  client: RpcPort,
  patternId: string,
  options: SignificanceOptions = {},
): Promise<boolean> {
  return (await assessPattern(client, patternId, options)).verdict === "works";
}

/** Judges a pattern by its undiscounted outcomes; rejects with `NOT_FOUND` for an unknown one. */
export async function assessPattern(
  client: RpcPort,
  patternId: string,
  options: SignificanceOptions = {},
): Promise<PatternAssessment> {
  const { minSampleSize, confidenceLevel } = readOptions(options);
  const { success_count: successes, failure_count: failures } = await getPatternEvidence(client, patternId);
  const n = successes + failures;
  const interval = wilsonInterval(successes, n, confidenceLevel);
  const figures = { n, successRate: n === 0 ? null : successes / n, interval, confidenceLevel };
  if (n < minSampleSize) {
    return { ...figures, verdict: "unknown", reason: `${n} outcomes, and ${minSampleSize} are the least` };
  }
  const reason = `${successes} of ${n} worked: between ${percent(interval.low)} and ${
    percent(interval.high)
  }`;
  const verdict = interval.low > 0.5 ? "works" : interval.high < 0.5 ? "fails" : "unknown";
  return { ...figures, verdict, reason };
}

/** What the outcomes of two patterns say of their difference. */
export interface PatternComparison {
  /** The id of the better pattern; null when nothing can be said. */
  better: string | null;
  reason: string;
  pValue: number;
  /** Fisher's exact test where a cell of the table is expected to be small. */
  test: "chiSquare" | "fisher";
}

/** Below this expected count the chi-square approximation is poor. */
const SMALL_CELL = 5;

/** Compares two patterns at one look; their units should be of the same kind, which only an experiment ensures. */
export async function comparePatterns(
  client: RpcPort,
  patternId: string,
  otherId: string,
  options: SignificanceOptions = {},
): Promise<PatternComparison> {
  const { minSampleSize, confidenceLevel } = readOptions(options);
  const stored = await Promise.all([patternId, otherId].map((id) => getPatternEvidence(client, id)));
  const [one, other] = stored.map(({ success_count, failure_count }) => ({
    successes: success_count,
    n: success_count + failure_count,
  })) as [{ successes: number; n: number }, { successes: number; n: number }];
  const chi = chiSquareTest(one, other);
  const test = chi.smallestExpected < SMALL_CELL ? "fisher" : "chiSquare";
  const pValue = test === "fisher" ? fisherExactTest(one, other) : chi.pValue;
  const counts = `${one.successes} of ${one.n} against ${other.successes} of ${other.n}`;
  if (Math.min(one.n, other.n) < minSampleSize || pValue > 1 - confidenceLevel) {
    return { better: null, reason: `${counts} show no difference: p ${pValue.toPrecision(3)}`, pValue, test };
  }
  const better = one.successes / one.n > other.successes / other.n ? patternId : otherId;
  return { better, reason: `${counts} differ: p ${pValue.toPrecision(3)}`, pValue, test };
}

function readOptions({ minSampleSize = 30, confidenceLevel = 0.95 }: SignificanceOptions) {
  if (!Number.isSafeInteger(minSampleSize) || minSampleSize < 1) {
    throw new RangeError(
      `Cannot judge a pattern as "minSampleSize" must be a whole number >= 1: current value is ${minSampleSize}`,
    );
  }
  if (!(confidenceLevel > 0 && confidenceLevel < 1)) {
    throw new RangeError(
      `Cannot judge a pattern as "confidenceLevel" must be > 0 and < 1: current value is ${confidenceLevel}`,
    );
  }
  return { minSampleSize, confidenceLevel };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
