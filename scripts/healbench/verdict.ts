/** What became of one row. @module */

/** How a row ended. */
export type VerdictKind = "healed" | "leftAlone" | "escalated" | "harmed" | "decidedOnly";

/** One row's verdict, with what was done and why. */
export interface Verdict {
  id: string;
  layer: string;
  title: string;
  risk: "low" | "medium" | "high";
  kind: string;
  verdict: VerdictKind;
  /** The class that the classifier gave it. */
  errorType: string;
  /** What was done, one entry a fix. */
  actions: string[];
  /** Why it ended so, one sentence. */
  reason: string;
  harm: string[];
  durationMs: number;
}
