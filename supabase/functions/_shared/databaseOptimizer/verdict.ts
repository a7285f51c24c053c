/** Whether an index has shown its gain: by the time that its statements take, and by whether anybody reads it. @module */

import { type SampleFigures, welchTest } from "../statistics.ts";
import type { StatementFigures } from "./statements.ts";

/** What is known of an index under validation. */
export interface IndexMeasurement {
  /** What was counted of each statement when the index became valid, by its id. */
  before: Readonly<Record<string, StatementFigures>>;
  /** What is counted now. */
  now: Readonly<Record<string, StatementFigures>>;
  /** Readings of the index since it was built. */
  scans: number;
  /** Since the index was seen to be valid. */
  secondsWatched: number;
  minCalls: number;
  windowIsOver: boolean;
}

/** A verdict with the figures that it rests on. */
export interface IndexVerdict {
  verdict: "keep" | "revert" | "wait" | "inconclusive";
  reason: string;
  /** Mean milliseconds of a call since the index. */
  measured: number;
  /** Mean milliseconds of a call before it. */
  baseline: number;
  /** Calls since. */
  n: number;
  /** The share of the old mean under which a call has to come. */
  threshold: number;
  /** How likely such a gain is by chance. */
  p?: number;
}

/** A call has to take less than this share of its old time. */
export const GAIN_SHARE = 0.8;
/** One verdict in every run: a strict bound, because it is looked at often. */
const SURE = 0.001;
/** A busy session adds its counts to those of the server once a minute. */
const SCANS_ARE_TOLD_AFTER = 90;
/** With so many times the calls that are needed, a gain that does not show is none. */
const PATIENCE = 10;

/** Judges an index that was built for statements. */
export function judgeIndex(m: IndexMeasurement): IndexVerdict {
  const judged = comparisonsOf(m);
  const calls = judged.reduce((sum, { after }) => sum + after.n, 0);
  const best = judged.toSorted((one, other) => one.pGain - other.pGain)[0];
  const say = speaker(best, calls);
  if (judged.length === 0 || calls < m.minCalls) return tooFew(m, calls, say);
  if (m.scans === 0 && m.secondsWatched < SCANS_ARE_TOLD_AFTER) {
    return say("wait", "nothing has read the index yet; sessions tell what they read up to a minute later");
  }
  if (m.scans === 0) return say("revert", `nothing has read the index in ${calls} calls`);
  const slower = judged.find(({ pLoss, after }) => pLoss <= SURE && after.n >= m.minCalls);
  if (slower !== undefined) return say("revert", "a statement takes longer than before");
  if (best!.pGain <= SURE && best!.after.n >= Math.min(m.minCalls, 30)) {
    return say(
      "keep",
      `a call takes ${ratio(best!)} of its time before, and the index was read ${m.scans} times`,
    );
  }
  if (m.windowIsOver || calls >= m.minCalls * PATIENCE) {
    return say("revert", `no gain shows in ${calls} calls`);
  }
  return say("wait", `no gain shows yet in ${calls} calls`);
}

/** Judges an index that is gone: whether anything became slower. */
export function judgeRemoval(m: Omit<IndexMeasurement, "scans" | "secondsWatched">): IndexVerdict {
  const judged = comparisonsOf(m);
  const calls = judged.reduce((sum, { after }) => sum + after.n, 0);
  const worst = judged.toSorted((one, other) => one.pLoss - other.pLoss)[0];
  const say = speaker(worst, calls);
  if (worst !== undefined && worst.pLoss <= SURE && worst.after.n >= Math.min(m.minCalls, 30)) {
    return say("revert", `a statement takes ${ratio(worst)} of its time before`);
  }
  if (!m.windowIsOver) return say("wait", "the window of validation is not over");
  return say("keep", `no statement became slower in ${calls} calls`);
}

function tooFew(m: IndexMeasurement, calls: number, say: ReturnType<typeof speaker>): IndexVerdict {
  const reason = `${calls} calls since the index are too few to say (${m.minCalls} are needed)`;
  return say(m.windowIsOver ? "inconclusive" : "wait", reason);
}

interface Comparison {
  before: SampleFigures;
  after: SampleFigures;
  /** How likely the calls since would be this fast if they had not become faster by what is wanted. */
  pGain: number;
  /** How likely they would be this slow if they had not become slower. */
  pLoss: number;
}

function comparisonsOf({ before, now }: Pick<IndexMeasurement, "before" | "now">): Comparison[] {
  return Object.keys(before).flatMap((id) => {
    const one = compare(before[id]!, now[id]);
    return one === null ? [] : [one];
  });
}

/** Null when the counting began anew in between, or the statement was not called enough to have a spread. */
function compare(before: StatementFigures, now: StatementFigures | undefined): Comparison | null {
  if (now === undefined || now.calls < before.calls || now.total < before.total) return null;
  const old = sampleOf(before);
  const since = sampleOf({
    calls: now.calls - before.calls,
    total: now.total - before.total,
    squares: now.squares - before.squares,
  });
  if (old === null || since === null) return null;
  const wanted = { ...old, mean: old.mean * GAIN_SHARE, variance: old.variance * GAIN_SHARE ** 2 };
  const worse = { ...old, mean: old.mean / GAIN_SHARE, variance: old.variance / GAIN_SHARE ** 2 };
  return {
    before: old,
    after: since,
    pGain: welchTest(wanted, since).pGreater,
    pLoss: welchTest(since, worse).pGreater,
  };
}

function sampleOf({ calls, total, squares }: StatementFigures): SampleFigures | null {
  const n = Math.round(calls);
  if (!(n >= 2) || !Number.isFinite(total) || !Number.isFinite(squares)) return null;
  const mean = total / n;
  return { n, mean, variance: Math.max(0, (squares - n * mean * mean) / (n - 1)) };
}

function ratio({ before, after }: Comparison): string {
  return `${(after.mean / before.mean * 100).toPrecision(3)} %`;
}

function speaker(shown: Comparison | undefined, calls: number) {
  const figures = {
    measured: shown?.after.mean ?? 0,
    baseline: shown?.before.mean ?? 0,
    n: calls,
    threshold: GAIN_SHARE,
    ...(shown === undefined ? {} : { p: shown.pGain }),
  };
  return (verdict: IndexVerdict["verdict"], reason: string): IndexVerdict => ({
    verdict,
    reason,
    ...figures,
  });
}
