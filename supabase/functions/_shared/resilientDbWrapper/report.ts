/** Tells the memory what healed: the evidence for patterns. @module */

import { runInBackground } from "../core/background.ts";
import { mappingSignature } from "../deterministicFixPatterns.ts";
import type { RequestHeal } from "../healingDb.ts";
import type { ResilientDbOptions, RowResult } from "./types.ts";

/** The rule by which confirmed and proposed mappings act. */
const CONFIRMED = "confirmed_mapping";

/** One heal for each key that was moved in this call, however many rows had it: a call is one piece of evidence. */
export function reportHeals(
  { onHealed, functionName }: Pick<ResilientDbOptions, "onHealed" | "functionName">,
  table: string,
  healed: readonly Pick<RowResult, "applied" | "tier">[],
  unit: string,
): void {
  if (onHealed === undefined || healed.length === 0) return;
  const moved = new Map(healed.flatMap(({ applied, tier }) => {
    return applied.map((mapping) =>
      [`${mapping.from} ${mapping.to} ${mapping.rule}`, { ...mapping, tier }] as const
    );
  }));
  const heals = [...moved.values()].slice(0, 100).map(
    ({ from, to, action, rule, tier: further }): RequestHeal => {
      // What a row got by a rule is the rule's, whoever else had a hand in it.
      const tier = further !== undefined && rule === CONFIRMED ? further : "deterministic";
      return {
        category: "payload",
        severity: "low",
        result: "success",
        message: `${table}: ${from} -> ${to}`.slice(0, 1_000),
        function_name: functionName ?? null,
        strategy: action,
        tier,
        unit,
        ...(action === "rename_column" && from !== to ? { pattern: patternOf(table, from, to, tier) } : {}),
      };
    },
  );
  if (heals.length > 0) runInBackground(() => onHealed(heals));
}

function patternOf(
  table: string,
  from: string,
  to: string,
  origin: "deterministic" | "learned" | "ai",
): NonNullable<RequestHeal["pattern"]> {
  return {
    pattern_name: `${table}_${from}_to_${to}`.slice(0, 200),
    error_signature: mappingSignature(table, from),
    fix_strategy: { kind: "rename_column", from, to },
    category: "payload",
    origin,
  };
}
