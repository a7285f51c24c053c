/** One write over the wire: tried again where that is safe, refused where its outcome is unknown. @module */

import type { CircuitBreaker } from "../circuitBreaker.ts";
import type { Clock } from "../core/clock.ts";
import { HealingError, isHealingError } from "../core/errors.ts";
import type { RpcPort } from "../core/ports.ts";
import type { Random } from "../core/random.ts";
import { type WriteAnswer, writeRows, type WriteRowsOptions } from "../healingDb.ts";
import type { Row } from "./types.ts";

/** What a transport needs. */
export interface Wire {
  db: RpcPort;
  breaker: CircuitBreaker;
  clock: Clock;
  random: Random;
}

/** An answer, or that the database is away and the write is known not to have been answered. */
export type Sent = { kind: "answered"; answer: WriteAnswer } | { kind: "away"; error: HealingError };

const MAX_ATTEMPTS = 4;

/** Sends a write. Rejects with what the database refused, and with a lost answer that no key makes safe to ask for again. */
export async function sendWrite(
  wire: Wire,
  table: string,
  rows: readonly Row[],
  options: WriteRowsOptions,
): Promise<Sent> {
  for (let attempt = 1;; attempt++) {
    try {
      const answer = await wire.breaker.execute(() => writeRows(wire.db, table, rows, options));
      return { kind: "answered", answer };
    } catch (thrown) {
      // Anything else is a mistake in the call, for example a value that JSON does not have.
      if (!isHealingError(thrown)) throw thrown;
      const error = thrown;
      const state = sqlStateOf(error);
      const wasTakenBack = /^40(?:001|P01)$/.test(state);
      const isAway = !wasTakenBack && isDatabaseAway(error);
      if (!wasTakenBack && !isAway) throw error;
      if (isAway && options.key === undefined) throw isKnown(error) ? error : outcomeUnknown(error);
      const isLast = attempt === MAX_ATTEMPTS || error.name === "CircuitOpenError";
      if (isLast) {
        if (isAway) return { kind: "away", error };
        throw error;
      }
      // Two that met do not meet again.
      await wire.clock.sleep(wire.random.next() * 20 * 4 ** attempt);
    }
  }
}

/** Which errors speak about the database and not about the write, also as supabase-js and the driver say it. */
export function isDatabaseAway(error: unknown): boolean {
  const state = isHealingError(error) ? sqlStateOf(error) : codeIn(error);
  if (state === "" && isHealingError(error)) {
    return ["UNAVAILABLE", "TIMEOUT", "DATABASE_ERROR"].includes(error.code);
  }
  return state === "" || state !== undefined && /^(?:08|53|57|PGRST00[0-3]|E[A-Z]{4,})/.test(state);
}

/** What supabase-js (an empty code where nobody answered) or the driver says; undefined for an error of anybody else. */
function codeIn(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  const { code } = error;
  if (typeof code !== "string" || code === "" && !("details" in error)) return undefined;
  return code;
}

/** True when nothing can have been written: the database said so, or was not asked. */
function isKnown(error: HealingError): boolean {
  return error.name === "CircuitOpenError" || /^(?:53|57014|57P03|PGRST00[0-3])/.test(sqlStateOf(error));
}

function outcomeUnknown(cause: HealingError): HealingError {
  return new HealingError("UNAVAILABLE", "Whether the rows were written is unknown: the answer was lost", {
    hint: "Read them back before you send them again, or let the write have an idempotency key",
    cause,
  });
}

function sqlStateOf(error: HealingError): string {
  const state = error.details?.sqlState;
  return typeof state === "string" ? state : "";
}
