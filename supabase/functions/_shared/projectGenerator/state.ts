/** What a worker leaves for the next one. @module */

import type { CodeIssue } from "../codeRules.ts";
import { isRecord } from "../core/unknownValues.ts";
import { z } from "../core/validation.ts";
import { planSoFar } from "../implementationPlanner.ts";

// Written by this library and kept by the database: only that it is a list of objects has to hold.
const issue = z.custom<CodeIssue>(isRecord);

const generationState = z.object({
  version: z.literal(1),
  /** Null before the first part. */
  plan: planSoFar.nullable(),
  chunkFiles: z.int().min(1),
  /** Passing failures of the model in a row. */
  failures: z.int().min(0),
  /** Replies in a row that brought no file. */
  stalled: z.int().min(0),
  /** Null until all files are written. */
  check: z.object({
    next: z.int().min(0).nullable(),
    completed: z.array(z.string()),
    applied: z.int().min(0),
    byModel: z.int().min(0),
    takenBack: z.int().min(0),
    /** Slices in a row that the same file has taken. */
    slices: z.int().min(0),
    /** Files that there was no time for. */
    unchecked: z.int().min(0),
    issues: z.array(issue),
  }).nullable(),
});

/** How far a generation is, beside its files. */
export type GenerationState = z.infer<typeof generationState>;

/** The state of a checkpoint; a new one where there is none, or none that can be read. */
export function readState(checkpoint: unknown, chunkFiles: number): GenerationState {
  const read = generationState.safeParse(checkpoint);
  if (read.success) return read.data;
  return { version: 1, plan: null, chunkFiles, failures: 0, stalled: 0, check: null };
}
