/** A statement was prepared on another connection of the pooler: make the operation again on a fresh one. @module */

import type { DeterministicRule } from "./rule.ts";

const WORDS: Readonly<Record<string, RegExp>> = {
  "26000": /^prepared statement .{0,80} does not exist/,
  "42P05": /^prepared statement .{0,80} already exists/,
  "08P01": /^bind message supplies \d+ parameters, but prepared statement .{0,80} requires \d+/,
  "0A000": /^cached plan must not change result type/,
};

/** The rule `pooled_statement`. */
export const pooledStatement: DeterministicRule = {
  key: "pooled_statement",
  confidence: 0.85,
  because: "the statement was prepared on another connection of a transaction pooler",
  propose: ({ code, message, queuedOperations }) =>
    queuedOperations > 0 && Object.hasOwn(WORDS, code) && WORDS[code]!.test(message)
      ? { kind: "reset_connection" }
      : null,
};
