/** Reads of errors what tells how much has been done for them, without trusting their shape. @module */

import { part } from "../core/unknownValues.ts";

const MAX_CAUSES = 5;

/** True when a breaker or a bulkhead, here or behind a wrapper, did not let the call through. */
export function refusedWithoutCall(error: unknown): boolean {
  return chainOf(error).some((link) => part(part(link, "details"), "refused") === true);
}

/** Statuses for which openai's client tries twice more by itself. */
const OPENAI_STATUSES: ReadonlySet<unknown> = new Set([408, 409, 429]);
const OPENAI_NAMES =
  /^(?:APIConnection(?:Timeout)?Error|RateLimitError|InternalServerError|ConflictError|APIError)$/;
/** What supabase-js meets behind 503, for which it sends a read four times. */
const POSTGREST_BUSY = /^PGRST00[0-3]$/;

/**
 * How many requests the client behind an error has made for one call: openai's three, supabase-js four for a read
 * that meets 503 or 520, others one. Where the error does not tell, the higher number counts.
 */
export function requestsBehind(error: unknown): number {
  return Math.max(1, ...chainOf(error).map(requestsOf));
}

function requestsOf(error: unknown): number {
  const [name, status, code] = ["constructor", "status", "code"].map((key) => part(error, key));
  const className = part(error, "name") === "Error" ? part(name, "name") : part(error, "name");
  if (typeof className === "string" && OPENAI_NAMES.test(className)) {
    const isTried = status === undefined || OPENAI_STATUSES.has(status) || Number(status) >= 500;
    return isTried ? 3 : 1;
  }
  // What `data, error` gives is a plain object; only `throwOnError` makes one of a class.
  if (typeof code === "string" && code !== "") return POSTGREST_BUSY.test(code) ? 4 : 1;
  // Without a code it was a proxy that spoke, and the client does not keep its status.
  return className === "PostgrestError" ? 4 : 1;
}

function chainOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let link = error; link !== undefined && link !== null && chain.length < MAX_CAUSES;) {
    chain.push(link);
    link = part(link, "cause");
  }
  return chain;
}
