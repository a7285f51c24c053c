/** Did an applied fix help? What came back since, against what was to be expected. @module */

/** What was measured of a fix under validation. */
export interface FixMeasurement {
  /** Occurrences before the fix. */
  occurrencesBefore: number;
  /** Seconds between the first and the last of these. */
  secondsBefore: number;
  /** Occurrences since the fix. */
  occurrencesSince: number;
  /** Seconds since the fix. */
  secondsWatched: number;
  windowIsOver: boolean;
  /** Whether the very operation that failed has succeeded since; null when it was not made again. */
  proof: boolean | null;
}

/** The verdict on a fix, with the figures that it rests on. */
export interface FixVerdict {
  verdict: "keep" | "revert" | "inconclusive" | "wait";
  reason: string;
  measured: number;
  /** Occurrences that were to be expected had the fix done nothing. */
  baseline: number;
  n: number;
  /** Share of the expected occurrences from which the fix counts as useless. */
  threshold: number;
  /** `false` when the verdict says nothing about the fix's pattern. */
  is_evidence?: boolean;
}

/** Expected occurrences without which silence says little: e^-3 is 5 %. */
const ENOUGH_EXPECTED = 3;
const USELESS_SHARE = 0.5;

type Say = (verdict: FixVerdict["verdict"], reason: string) => FixVerdict;

/** Judges a fix by what came back since, against what was to be expected. Missing data never keep and never revert. */
export function judgeFix(m: FixMeasurement): FixVerdict {
  const expected = expectedSince(m);
  const say = speaker(m, expected);
  if (![m.occurrencesSince, m.secondsWatched].every(Number.isFinite)) {
    return say("wait", "the measurement is incomplete");
  }
  if (m.occurrencesSince > 0) return judgeRecurrence(m, expected, say);
  if (!m.windowIsOver) return say("wait", "the window of validation is not over");
  if (m.proof === true) {
    return say("keep", "the operation that failed has succeeded, and the error did not come back");
  }
  if (expected >= ENOUGH_EXPECTED) {
    return say("keep", `no occurrence where ${expected.toFixed(1)} were to be expected`);
  }
  return say("inconclusive", "the error was too rare to say whether the fix helped");
}

/** Occurrences that the rate before the fix would have brought since; NaN without a rate. */
function expectedSince(m: FixMeasurement): number {
  const intervals = m.occurrencesBefore - 1;
  return intervals > 0 && m.secondsBefore > 0 ? intervals / m.secondsBefore * m.secondsWatched : Number.NaN;
}

function speaker(m: FixMeasurement, expected: number): Say {
  const figures = {
    measured: m.occurrencesSince,
    baseline: Number.isFinite(expected) ? expected : 0,
    n: m.occurrencesBefore,
    threshold: USELESS_SHARE,
  };
  return (verdict, reason) => ({ verdict, reason, ...figures });
}

function judgeRecurrence(m: FixMeasurement, expected: number, say: Say): FixVerdict {
  // Without a rate, a recurrence without proof is all the evidence there is, and it is against the fix.
  const share = expected > 0 ? m.occurrencesSince / expected : Number.POSITIVE_INFINITY;
  if (share >= USELESS_SHARE && m.proof !== true) {
    return say("revert", `the error came back ${m.occurrencesSince} times`);
  }
  if (!m.windowIsOver) return say("wait", "the error came back, though the fix has shown that it helps");
  const wouldBe = Number.isFinite(expected)
    ? `; without the fix ${expected.toFixed(1)} were to be expected`
    : "";
  return say("inconclusive", `the error came back ${m.occurrencesSince} times${wouldBe}`);
}
