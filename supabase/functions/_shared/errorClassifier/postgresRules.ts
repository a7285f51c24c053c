/**
 * Postgres' messages: what the SQLSTATE leaves open, and what the message names.
 *
 * With a SQLSTATE only the rules of that state are tried; without one the text alone decides, so every pattern is
 * specific enough to stand alone. Order matters inside a state.
 *
 * @module
 */

import { DATA_ROWS } from "./postgresRules/data.ts";
import { DEFINITION_ROWS } from "./postgresRules/definitions.ts";
import { MISSING_ROWS } from "./postgresRules/missing.ts";
import { SERVER_ROWS } from "./postgresRules/server.ts";
import type { ClassifierRule } from "./rule.ts";

/** The rules in their order. */
export const POSTGRES_RULES: readonly ClassifierRule[] = [
  ...MISSING_ROWS,
  ...DATA_ROWS,
  ...DEFINITION_ROWS,
  ...SERVER_ROWS,
].map(([name, sqlStates, errorType, pattern, extra]) => ({
  key: `postgres.${name}`,
  errorType,
  sqlStates: sqlStates.split(" "),
  pattern,
  ...extra,
}));

const BY_STATE = new Map<string, ClassifierRule[]>();
for (const rule of POSTGRES_RULES) {
  for (const state of rule.sqlStates ?? []) BY_STATE.set(state, [...BY_STATE.get(state) ?? [], rule]);
}

/** The rules that refine one SQLSTATE, in their order. */
export function rulesOfSqlState(sqlState: string): readonly ClassifierRule[] {
  return BY_STATE.get(sqlState) ?? [];
}
