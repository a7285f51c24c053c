/** What came of healing a call. @module */

import type { HealingAdvice } from "./catalogue.ts";
import type { HealingStrategyName, StandIn } from "./strategy.ts";

/** One strategy that was tried. */
export interface StrategyTrial {
  strategy: HealingStrategyName;
  /** The kind of fix under which the outcome is remembered. */
  fixKind: string;
  result: "healed" | "failed" | "contained" | "standIn" | "queued" | "skipped" | "outOfTime";
  /** Why it was chosen, one sentence. */
  because: string;
  /** What came of it, one sentence; never the error's own words. */
  measured: string;
  durationMs: number;
}

/** One strategy that was not tried. */
export interface StrategyRefusal {
  strategy: HealingStrategyName;
  reason: string;
}

/** What every outcome tells. */
interface Account {
  /** In the order in which they were tried; none twice. */
  tried: StrategyTrial[];
  refused: StrategyRefusal[];
  /** What the documents make of the failure. */
  advice: HealingAdvice;
  /** By it the outcomes are remembered. */
  signature: string;
  /** True when enough has been tried, or there was no budget to: the layers above let it be. */
  isSpent: boolean;
}

/** What came of healing a call: an answer, something in its place, a promise, a gap, or the error that stays. */
export type HealingOutcome<Result> =
  & Account
  & (
    | { kind: "healed"; value: Result; by: HealingStrategyName }
    /** Not the answer: an earlier one with its age, or the author's default. */
    | { kind: "standIn"; value: Result; standIn: StandIn; by: HealingStrategyName; error: unknown }
    | { kind: "queued"; id: string | undefined; by: "QUEUE_FOR_LATER"; error: unknown }
    | { kind: "skipped"; by: "SKIP_OPERATION"; error: unknown }
    | { kind: "failed"; error: unknown }
  );
