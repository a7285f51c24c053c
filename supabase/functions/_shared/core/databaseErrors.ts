/** Turns what Postgres or PostgREST says into a {@link HealingError}: one table for both ways of calling. @module */

import { HealingError, type HealingErrorCode, isHealingErrorCode } from "./errors.ts";
import { troubleOf, type TroubleType } from "./passing.ts";

/** An error as node-postgres (`detail`) or PostgREST (`details`) reports it. */
export interface ServerError {
  code?: string | undefined;
  message?: string | undefined;
  detail?: string | null | undefined;
  details?: string | null | undefined;
  hint?: string | null | undefined;
}

/** What is not here is an answer of the database, or a connection whose end says too little. */
const CODE_OF_TROUBLE: Readonly<Partial<Record<TroubleType, HealingErrorCode>>> = {
  timeout: "TIMEOUT",
  lock_timeout: "UNAVAILABLE",
  connection_capacity: "UNAVAILABLE",
  server_unavailable: "UNAVAILABLE",
  serialization: "CONFLICT",
  deadlock: "CONFLICT",
};

/** The coded error for what the server said; our own functions put their code into the detail. */
export function toDatabaseError(error: ServerError): HealingError {
  const sqlState = error.code ?? "";
  const own = error.detail ?? error.details ?? "";
  const code = sqlState.startsWith("PT") && isHealingErrorCode(own) ? own : codeOf(sqlState);
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

function codeOf(sqlState: string): HealingErrorCode {
  if (sqlState === "42501") return "FORBIDDEN";
  const trouble = troubleOf(sqlState);
  return (trouble === undefined ? undefined : CODE_OF_TROUBLE[trouble]) ?? "DATABASE_ERROR";
}
