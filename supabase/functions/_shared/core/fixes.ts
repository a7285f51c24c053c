/** The words about errors and fixes that several layers share. @module */

import type { Json } from "./ports.ts";

/** How much harm a wrong fix could do. */
export type Risk = "low" | "medium" | "high";

/** The groups of fixes that an admin turns on one by one. */
export type ActionGroup =
  | "payload"
  | "call"
  | "database"
  | "runtime"
  | "code"
  | "deployment";

/** Where an error came from: a migration that its author runs now, or the running system. */
export type Origin = "migration" | "runtime";

/** Who proposed a fix, in the order in which they are asked. */
export type Tier = "learned" | "deterministic" | "ai" | "context" | "person";

/** A fix as somebody proposes it: not trusted until it has been parsed against its kind. */
export type ActionDraft = { kind: string } & { [parameter: string]: Json };

/** What the place of a failure says about it; names that are only ever compared with the catalogue. */
export interface FailurePlace {
  /** The table that was read or written. */
  relation?: string;
  /** The database role of the caller. */
  role?: string;
  /** The bucket of a file. */
  bucket?: string;
  /** The columns by which an upsert finds its row. */
  conflict?: readonly string[];
  operation?: "read" | "write";
}

/** One statement of a migration. */
export interface ScriptStatement {
  text: string;
  /** It runs outside of any transaction, in its place among the others. */
  alone?: boolean;
  /** It was moved to the front of what needs it; it moves only once. */
  moved?: boolean;
}

/** A migration that stopped at one of its statements. */
export interface FailedScript {
  statements: readonly ScriptStatement[];
  /** The statement that failed, from 0. */
  failedAt: number;
  /** False behind a pooler, where two commands may get two connections. */
  canRunAlone: boolean;
}

/** What is known of an error when fixes are proposed for it. */
export interface ErrorFacts {
  /** SQLSTATE, PGRST code or another machine code; empty when there is none. */
  code: string;
  /** The sanitised message. */
  message: string;
  /** The message with identifiers replaced by `$1`, `$2` …, prefixed by the code. */
  signature: string;
  /** The message with values normalised and identifiers kept, prefixed by the code. */
  template: string;
  /** The identifiers behind `$1`, `$2` …. */
  slots: readonly string[];
  /** The class that the classifier gave it, such as `missing_schema`. */
  errorType: string;
  /** True when the same call may succeed later without any change. */
  transient: boolean;
  /** Operations that wait to be made again once the error is mended. */
  queuedOperations: number;
  /** What the caller said about the place of the failure. */
  place?: FailurePlace;
}

/** A pattern to store, or to find again, for a fix. */
export interface PatternDraft {
  pattern_name: string;
  error_signature: string;
  fix_strategy: ActionDraft;
  category: string;
  origin: "deterministic" | "learned" | "ai" | "person" | "imported";
}

/** One proposed fix, with who proposes it and why. */
export interface Proposal {
  action: ActionDraft;
  tier: Tier;
  /** 0..1. */
  confidence: number;
  /** Why this should help, one sentence. */
  reason: string;
  /** The stored pattern that proposes it. */
  patternId?: string;
  /** The experiment that chose it for this error. */
  experiment?: { id: string; variant: "a" | "b" };
}
