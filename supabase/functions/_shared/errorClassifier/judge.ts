/** Tries the tables in their order and makes one judgement of the first rule that fits. @module */

import { sqlStateFact, statusOfSqlState } from "../core/sqlState.ts";
import type { ErrorCategory, ErrorScope } from "../core/sqlState.ts";
import { AI_RULES } from "./aiRules.ts";
import { AUTH_RULES } from "./authRules.ts";
import { DEPLOYMENT_RULES } from "./deploymentRules.ts";
import { EDGE_RULES } from "./edgeRules.ts";
import type { ErrorType } from "./errorTypes.ts";
import { HTTP_RULES } from "./httpRules.ts";
import { NETWORK_RULES } from "./networkRules.ts";
import { OWN_RULES } from "./ownRules.ts";
import { POOLER_RULES } from "./poolerRules.ts";
import { POSTGRES_RULES, rulesOfSqlState } from "./postgresRules.ts";
import { POSTGREST_RULES } from "./postgrestRules.ts";
import { type ClassifierRule, groupsIn, tryRule } from "./rule.ts";
import { RUNTIME_RULES } from "./runtimeRules.ts";
import type { Signals } from "./signals.ts";
import { STORAGE_RULES } from "./storageRules.ts";

/** Identifiers in a message by what they name: `{ relation: "orders", column: "total" }`. */
export type ErrorSubject = Readonly<Record<string, string>>;

/** What a rule decided. */
export interface Judgement {
  key: string;
  errorType: ErrorType;
  category?: ErrorCategory | undefined;
  scope?: ErrorScope | undefined;
  transient?: boolean | undefined;
  retryable?: boolean | undefined;
  subject?: ErrorSubject | undefined;
  note?: string | undefined;
}

const MAX_IDENTIFIER = 200;

/** Tables after the database's own codes, most specific first; statuses come last. */
const TABLES: readonly (readonly ClassifierRule[])[] = [
  OWN_RULES,
  EDGE_RULES,
  AI_RULES,
  STORAGE_RULES,
  AUTH_RULES,
  DEPLOYMENT_RULES,
];
const TEXT_TABLES: readonly (readonly ClassifierRule[])[] = [NETWORK_RULES, RUNTIME_RULES, HTTP_RULES];

/** The judgement on an error's signals. */
export function judge(signals: Signals): Judgement {
  return judgePooler(signals) ??
    judgePostgrest(signals) ??
    judgeSqlState(signals) ??
    firstOf(TABLES, signals) ??
    judgeDatabaseText(signals) ??
    firstOf(TEXT_TABLES, signals) ??
    { key: "none", errorType: "unknown" };
}

function firstOf(tables: readonly (readonly ClassifierRule[])[], signals: Signals): Judgement | undefined {
  for (const table of tables) {
    const found = first(table, signals);
    if (found !== undefined) return found;
  }
  return undefined;
}

function first(rules: readonly ClassifierRule[], signals: Signals): Judgement | undefined {
  for (const rule of rules) {
    const groups = tryRule(rule, signals);
    if (groups !== undefined) return judgementOf(rule, groups);
  }
  return undefined;
}

function judgementOf(rule: ClassifierRule, groups: Record<string, string | undefined>): Judgement {
  const { key, errorType, category, scope, transient, retryable, note } = rule;
  return { key, errorType, category, scope, transient, retryable, note, subject: subjectOf(groups) };
}

/** Any other SQLSTATE comes from the server, whatever its message quotes. */
function judgePooler(signals: Signals): Judgement | undefined {
  const { sqlState } = signals;
  return sqlState === undefined || /^(?:XX000|08)/.test(sqlState) ? first(POOLER_RULES, signals) : undefined;
}

function judgePostgrest(signals: Signals): Judgement | undefined {
  return signals.pgrstCode === undefined
    ? undefined
    : first(POSTGREST_RULES, { ...signals, codes: [...signals.codes, signals.pgrstCode] });
}

/** The text refines the code; without a rule for the text the code alone decides. */
function judgeSqlState(signals: Signals): Judgement | undefined {
  const { sqlState } = signals;
  if (sqlState === undefined) return undefined;
  const refined = first(rulesOfSqlState(sqlState), signals);
  if (refined !== undefined) return refined;
  const status = statusOfSqlState(sqlState);
  if (status !== undefined) return { ...first(HTTP_RULES, signals)!, key: `sqlstate.${sqlState}` };
  const fact = sqlStateFact(sqlState);
  return fact === undefined ? undefined : { key: `sqlstate.${sqlState}`, errorType: fact.errorType };
}

/** Start-up errors reach some clients without a code, and tools print the text alone. */
function judgeDatabaseText(signals: Signals): Judgement | undefined {
  for (const rule of POSTGRES_RULES) {
    const groups = rule.pattern === undefined ? undefined : groupsIn(rule.pattern, signals);
    if (groups !== undefined) return judgementOf(rule, groups);
  }
  return undefined;
}

function subjectOf(groups: Record<string, string | undefined>): ErrorSubject | undefined {
  const entries = Object.entries(groups)
    .filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1].length <= MAX_IDENTIFIER)
    .map(([name, value]) => [name.replace(/\d$/, ""), value] as const);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
