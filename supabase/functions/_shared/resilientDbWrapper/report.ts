/** Tells the memory what healed: the evidence for patterns. @module */

import { runInBackground } from "../core/background.ts";
import type { RequestHeal } from "../healingDb.ts";
import type { ResilientDbOptions, RowResult } from "./types.ts";

/** One heal for each key that was moved in this call, however many rows had it: a call is one piece of evidence. */
export function reportHeals(
  { onHealed, functionName }: Pick<ResilientDbOptions, "onHealed" | "functionName">,
  table: string,
  healed: readonly Pick<RowResult, "applied">[],
  unit: string,
): void {
  if (onHealed === undefined || healed.length === 0) return;
  const moved = new Map(
    healed.flatMap(({ applied }) => applied).map((
      mapping,
    ) => [`${mapping.from} ${mapping.to} ${mapping.rule}`, mapping]),
  );
  const heals = [...moved.values()].slice(0, 100).map((mapping): RequestHeal => {
    const { from, to } = mapping;
    // Older rules only rename; the others say what they did.
    const action = "action" in mapping ? String(mapping.action) : "rename_column";
    return {
      category: "payload",
      severity: "low",
      result: "success",
      message: `${table}: ${from} -> ${to}`.slice(0, 1_000),
      function_name: functionName ?? null,
      strategy: action,
      tier: "deterministic",
      unit,
      ...(action === "rename_column" && from !== to ? { pattern: patternOf(table, from, to) } : {}),
    };
  });
  if (heals.length > 0) runInBackground(() => onHealed(heals));
}

function patternOf(table: string, from: string, to: string): NonNullable<RequestHeal["pattern"]> {
  return {
    pattern_name: `${table}_${from}_to_${to}`.slice(0, 200),
    error_signature: `unknown column ${from} of ${table}`.slice(0, 1_000),
    fix_strategy: { kind: "rename_column", from, to },
    category: "payload",
    origin: "deterministic",
  };
}
