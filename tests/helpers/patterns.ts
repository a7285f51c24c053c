/** Patterns with a history, for tests of the database. @module */

import type { PatternDraft } from "../../supabase/functions/_shared/core/fixes.ts";
import {
  type HealingPattern,
  recordPatternEvidence,
  type RpcPort,
  upsertHealingPattern,
} from "../../supabase/functions/_shared/healingDb.ts";

/** A pattern that knows a missing schema; what a test does not care about is filled in. */
export function schemaPattern(changes: Partial<PatternDraft> = {}): PatternDraft {
  return {
    pattern_name: "missing_schema: create_schema",
    error_signature: "3F000: schema $1 does not exist",
    fix_strategy: { kind: "create_schema", schema: "$1" },
    category: "database",
    origin: "learned",
    ...changes,
  };
}

/** Stores a pattern with outcomes, each of a unit of its own: `+` a success, `-` a failure. Returns it as it is then. */
export async function patternWith(
  rpc: RpcPort,
  outcomes: string,
  changes: Partial<PatternDraft> & { project_id?: string } = {},
): Promise<HealingPattern> {
  const stored = await upsertHealingPattern(rpc, schemaPattern(changes));
  return await recordOutcomes(rpc, stored, outcomes);
}

/** Adds outcomes to a stored pattern. */
export async function recordOutcomes(
  rpc: RpcPort,
  pattern: HealingPattern,
  outcomes: string,
): Promise<HealingPattern> {
  let last = pattern;
  for (const outcome of outcomes) {
    last = await recordPatternEvidence(rpc, {
      patternId: pattern.id,
      unit: crypto.randomUUID(),
      succeeded: outcome === "+",
    });
  }
  return last;
}
