/** What a style rule found. @module */

/** One place that breaks one rule. */
export interface Finding {
  /** The key by which a waiver names the rule. */
  rule: string;
  line: number;
  /** What is wrong and what to do, without the place. */
  problem: string;
}
