/**
 * The one error type of the library and its closed list of codes.
 *
 * A caller branches on `code`, never on the message. Guard with {@link isHealingError}, not `instanceof`:
 * a project may load two copies of this file.
 *
 * @module
 */

import { isInstance, part } from "./unknownValues.ts";

/** Everything that can go wrong, as a caller may branch on it. */
export type HealingErrorCode =
  | "BAD_REQUEST"
  | "UNAUTHORIZED"
  | "FORBIDDEN"
  | "NOT_FOUND"
  | "METHOD_NOT_ALLOWED"
  | "PAYLOAD_TOO_LARGE"
  | "CONFLICT"
  | "RATE_LIMITED"
  | "TIMEOUT"
  | "ABORTED"
  | "UNAVAILABLE"
  | "CONFIG_MISSING"
  | "DATABASE_ERROR"
  | "LEASE_LOST"
  | "KILL_SWITCH"
  | "FIX_REFUSED"
  | "FIX_FAILED"
  | "JSON_INVALID"
  | "JSON_TRUNCATED"
  | "JSON_TOO_LARGE"
  | "JSON_TOO_DEEP"
  | "JSON_SCHEMA_MISMATCH"
  | "JSON_REPAIR_REFUSED"
  | "INTERNAL";

/** What a {@link HealingError} may carry besides its message. */
export interface HealingErrorOptions {
  /** What the reader can do about it, one sentence. */
  hint?: string | undefined;
  /** Plain JSON facts for a log; never a secret, never shown outside. */
  details?: Record<string, unknown> | undefined;
  /** How long a caller should wait before the next try, in milliseconds. */
  retryAfterMs?: number | undefined;
  /** What caused it. */
  cause?: unknown;
}

/** The answer that the outside sees of an error. */
export interface PublicError {
  code: HealingErrorCode;
  message: string;
  hint: string | null;
  requestId: string;
}

const STATUS_OF_CODE: Readonly<Record<HealingErrorCode, number>> = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  PAYLOAD_TOO_LARGE: 413,
  CONFLICT: 409,
  RATE_LIMITED: 429,
  TIMEOUT: 504,
  ABORTED: 499,
  UNAVAILABLE: 503,
  CONFIG_MISSING: 503,
  DATABASE_ERROR: 500,
  LEASE_LOST: 409,
  KILL_SWITCH: 409,
  FIX_REFUSED: 409,
  FIX_FAILED: 500,
  JSON_INVALID: 422,
  JSON_TRUNCATED: 422,
  JSON_TOO_LARGE: 413,
  JSON_TOO_DEEP: 422,
  JSON_SCHEMA_MISMATCH: 422,
  JSON_REPAIR_REFUSED: 422,
  INTERNAL: 500,
};

/** An error with a code; everything that the library throws on purpose is one. */
export class HealingError extends Error {
  readonly code: HealingErrorCode;
  readonly hint: string | undefined;
  readonly details: Record<string, unknown> | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    code: HealingErrorCode,
    message: string,
    options: HealingErrorOptions = {},
  ) {
    super(
      message,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = "HealingError";
    this.code = code;
    this.hint = options.hint;
    this.details = options.details;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** True for a code of the closed list. */
export function isHealingErrorCode(value: string): value is HealingErrorCode {
  return Object.hasOwn(STATUS_OF_CODE, value);
}

/** True for an error of this library, whichever copy of the library made it. */
export function isHealingError(value: unknown): value is HealingError {
  if (!isInstance(value, Error)) return false;
  const code = part(value, "code");
  return typeof code === "string" && isHealingErrorCode(code);
}

/** The HTTP status that goes with a code. */
export function statusOf(code: HealingErrorCode): number {
  return STATUS_OF_CODE[code];
}

/** A message for anything that was thrown, including values that are not errors and getters that throw. */
export function messageOf(thrown: unknown): string {
  try {
    if (thrown instanceof Error) return `${thrown.message}`;
    if (typeof thrown === "object" && thrown !== null && "message" in thrown) {
      return `${thrown.message}`;
    }
    return typeof thrown === "object" && thrown !== null ? JSON.stringify(thrown) : `${String(thrown)}`;
  } catch {
    return "an error that cannot be read";
  }
}

/**
 * What the outside may see of an error. An unknown error's own message stays inside, and so does the database's:
 * it may hold SQL, names of columns, a path or a secret.
 */
export function toPublicError(thrown: unknown, requestId: string): PublicError {
  if (isHealingError(thrown) && thrown.code === "DATABASE_ERROR") {
    return { code: thrown.code, message: "The database refused the request.", hint: null, requestId };
  }
  if (isHealingError(thrown)) {
    // An error that only has our code, or comes from another copy of this file, may carry anything.
    const hint = part(thrown, "hint");
    return {
      code: thrown.code,
      message: messageOf(thrown),
      hint: typeof hint === "string" ? hint : null,
      requestId,
    };
  }
  return {
    code: "INTERNAL",
    message: "The request failed on our side.",
    hint: "Quote the request id when you report it.",
    requestId,
  };
}
