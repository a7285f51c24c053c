/** Puts the values of known columns into the healed row, each in its column's form. @module */

import { judgeValue } from "../../core/columns.ts";
import type { AppliedMapping, HealingProblem, MappingOption } from "../healPayload.ts";
import { generatedColumnParked } from "./field/generatedColumnParked.ts";
import { nullToDefault } from "./field/nullToDefault.ts";
import { undefinedLeftOut } from "./field/undefinedLeftOut.ts";
import { CAST_RULES } from "./rules.ts";
import type { CastRule, ColumnView, TableView } from "./rule.ts";

/** A row on its way into its table. */
export interface Placing {
  readonly table: TableView;
  readonly isUpdate: boolean;
  /** Columns that a key has been confirmed for. */
  readonly confirmed: ReadonlyMap<string, ReadonlySet<string>>;
  readonly healed: Map<string, unknown>;
  readonly applied: AppliedMapping[];
  readonly unmapped: Set<string>;
  readonly problems: HealingProblem[];
  /** What values would become, were it confirmed. */
  readonly options: MappingOption[];
  isRefused: boolean;
}

/** A value in its column's form and the rule that gave it that form, or what keeps it out. */
export type Fitted = { fits: true; value: unknown; rule: CastRule | null } | { fits: false; fault: string };

/** What is known of the pair when a value takes its column's form. */
export interface FitOptions {
  /** The key is the column's own name. */
  isNamed?: boolean;
  /** The pair has been confirmed. */
  isConfirmed?: boolean;
  /** The row that the value is from. */
  row?: ReadonlyMap<string, unknown>;
}

/** Gives a value its column's form, by rules that lose nothing. */
export function fit(value: unknown, column: ColumnView, options: FitOptions = {}): Fitted {
  if (value !== null) {
    for (const rule of CAST_RULES) {
      if (!rule.families.includes(column.type.family)) continue;
      if (rule.learned === true && options.isConfirmed !== true) continue;
      if (rule.sameName === true && options.isNamed !== true) continue;
      const cast = rule.cast(value, column, options.row);
      // A form that does not fit is no reason to stop: the value itself may.
      if (
        cast !== undefined && !Object.is(cast, value) && judgeValue(cast, column.facts, column.type) === null
      ) {
        return { fits: true, value: cast, rule };
      }
    }
  }
  const fault = judgeValue(value, column.facts, column.type);
  return fault === null ? { fits: true, value, rule: null } : { fits: false, fault };
}

/** Puts every value that names its column by the column's own name. */
export function placeKnown(placing: Placing): void {
  for (const [key, value] of placing.table.row) {
    const column = placing.table.byName.get(key);
    if (column !== undefined) placeNamed(placing, key, value, column);
  }
}

/** Puts the value of a key whose column is certain; a value that does not fit refuses the row. */
export function placeNamed(placing: Placing, key: string, value: unknown, column: ColumnView): boolean {
  const name = column.facts.name;
  if (undefinedLeftOut.applies(value, column)) {
    placing.applied.push({ ...said(undefinedLeftOut), action: "drop_field", from: key, to: name });
    return false;
  }
  if (generatedColumnParked.applies(value, column)) {
    park(placing, key, generatedColumnParked.key);
    return false;
  }
  if (!placing.isUpdate && nullToDefault.applies(value, column)) {
    placing.applied.push({ ...said(nullToDefault), action: "drop_field", from: key, to: name });
    return false;
  }
  const { row } = placing.table;
  const isConfirmed = placing.confirmed.get(key)?.has(name) ?? false;
  const fitted = fit(value, column, { isNamed: true, isConfirmed, row });
  if (!fitted.fits) {
    placing.isRefused = true;
    placing.problems.push({ key, code: fitted.fault });
    offer(placing, key, value, column);
    return false;
  }
  put(placing, key, column, fitted);
  return true;
}

/** What the value would become if it were confirmed that such values are meant so. */
function offer(placing: Placing, key: string, value: unknown, column: ColumnView): void {
  const { row } = placing.table;
  const wanted = fit(value, column, { isNamed: true, isConfirmed: true, row });
  if (!wanted.fits || wanted.rule === null) return;
  const { key: rule, because } = wanted.rule;
  placing.options.push({ rule, key, column: column.facts.name, value: wanted.value, because });
}

/** Puts a fitted value and says which rule formed it. */
export function put(
  placing: Placing,
  key: string,
  column: ColumnView,
  fitted: Fitted & { fits: true },
): void {
  placing.healed.set(column.facts.name, fitted.value);
  if (fitted.rule === null) return;
  const action = fitted.rule.key === "catch_all_json" ? "wrap_json" as const : "cast_value" as const;
  placing.applied.push({ ...said(fitted.rule), action, from: key, to: column.facts.name });
}

/** Leaves a key for people to see. */
export function park(placing: Placing, key: string, code: string): void {
  placing.unmapped.add(key);
  placing.problems.push({ key, code });
}

/** What a rule says of itself in what was applied. */
export function said(rule: { key: string; confidence: number }): { rule: string; confidence: number } {
  return { rule: rule.key, confidence: rule.confidence };
}
