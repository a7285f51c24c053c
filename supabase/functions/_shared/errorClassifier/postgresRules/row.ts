/** Rows of the table of Postgres' messages. @module */

import type { ErrorType } from "../errorTypes.ts";
import type { ClassifierRule } from "../rule.ts";

/** Name, SQLSTATEs, error type, pattern with the identifiers as named groups, and what else the rule says. */
export type PostgresRow = readonly [
  name: string,
  sqlStates: string,
  errorType: ErrorType,
  pattern: RegExp,
  extra?: Partial<ClassifierRule>,
];
