/** Turns what Postgres or PostgREST says into a {@link HealingError}: one table for both ways of calling. @module */

import { HealingError, type HealingErrorCode, isHealingErrorCode } from "./errors.ts";

/** An error as node-postgres (`detail`) or PostgREST (`details`) reports it. */
export interface ServerError {
  code?: string | undefined;
  message?: string | undefined;
  detail?: string | null | undefined;
  details?: string | null | undefined;
  hint?: string | null | undefined;
}

const CODE_OF_SQLSTATE: Readonly<Record<string, HealingErrorCode>> = {
  "42501": "FORBIDDEN",
  "57014": "TIMEOUT",
  "55P03": "UNAVAILABLE",
  "53300": "UNAVAILABLE",
  "57P01": "UNAVAILABLE",
  "57P02": "UNAVAILABLE",
  "57P03": "UNAVAILABLE",
  "40001": "CONFLICT",
  "40P01": "CONFLICT",
};

/** The coded error for what the server said; our own functions put their code into the detail. */
export function toDatabaseError(error: ServerError): HealingError {
  const sqlState = error.code ?? "";
  const own = error.detail ?? error.details ?? "";
  const code = sqlState.startsWith("PT") && isHealingErrorCode(own)
    ? own
    : CODE_OF_SQLSTATE[sqlState] ?? "DATABASE_ERROR";
  return new HealingError(
    code,
    error.message || "the database did not say why",
    {
      hint: error.hint ?? undefined,
      details: { sqlState },
      cause: error,
    },
  );
}
