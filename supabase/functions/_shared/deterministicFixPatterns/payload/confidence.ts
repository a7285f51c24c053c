/** How a rule's prior moves with what came of it. @module */

/** What came of a rule's mappings, as the stored pattern counts them. */
export interface StoredEvidence {
  successes: number;
  failures: number;
}

/** How many outcomes a prior is worth: five successes move 0.95 to 0.96. */
export const PRIOR_WEIGHT = 20;

/**
 * The confidence in a rule after its outcomes: its prior counts as {@link PRIOR_WEIGHT} outcomes that came before.
 * Throws a RangeError for a prior outside 0..1 and for counts that are none.
 */
export function confidenceWithEvidence(prior: number, { successes, failures }: StoredEvidence): number {
  if (!(prior >= 0 && prior <= 1)) {
    throw new RangeError(
      `Cannot weigh evidence as "prior" must be between 0 and 1: current value is ${prior}`,
    );
  }
  for (const [name, count] of [["successes", successes], ["failures", failures]] as const) {
    if (count >= 0 && Number.isFinite(count)) continue;
    throw new RangeError(`Cannot weigh evidence as "${name}" must be >= 0: current value is ${count}`);
  }
  return (prior * PRIOR_WEIGHT + successes) / (PRIOR_WEIGHT + successes + failures);
}
