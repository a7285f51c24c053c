/**
 * Makes hostile text safe to store, to log and to show: secrets and personal data out, characters that Postgres
 * refuses out, length bounded.
 *
 * Everything that an error says passes through here before it is kept. What is redacted leaves a placeholder that
 * names its kind (`[redacted:jwt]`), so that a reader still sees what was there. Sanitising comes before cutting
 * and is idempotent; it runs in linear time and looks at no more than 65,536 characters of one string.
 *
 * @example
 * ```ts
 * import { sanitizeError, sanitizeText, sanitizeValue } from "./errorSanitizer.ts";
 *
 * sanitizeText("connect to postgres://app:hunter2@db.example.com/app failed");
 * // "connect to postgres://[redacted:credentials]@db.example.com/app failed"
 * sanitizeValue({ apiKey: "abc", attempts: 3n }); // { apiKey: "[redacted]", attempts: "3" }
 * sanitizeError("boom"); // { name: "NonError", message: "boom" }
 * ```
 *
 * @module
 */

import { isHealingError } from "./core/errors.ts";
import { part } from "./core/unknownValues.ts";
import type { Random } from "./core/random.ts";
import { type MaskedText, maskSecretsIn } from "./errorSanitizer/maskSecrets.ts";
import { sanitizeString } from "./errorSanitizer/strings.ts";
import { readThrown, type SanitizedError } from "./errorSanitizer/thrown.ts";
import { type SafeJson, sanitizePlain, type ValueLimits } from "./errorSanitizer/values.ts";

export type { MaskedText, SafeJson, SanitizedError, ValueLimits };

/** How much of a text to keep. */
export interface SanitizeTextOptions {
  /** The longest result, in characters; 65,536. A cut text says how long it was. */
  maxLength?: number | undefined;
}

/** The text without secrets, personal data and unsafe characters. */
export function sanitizeText(text: string, options: SanitizeTextOptions = {}): string {
  return sanitizeString(text, options.maxLength);
}

/**
 * A JSON copy of any value: deep, with secrets out by form and by the name of their key. Cycles, throwing getters,
 * proxies, BigInt, dates, errors, maps and endless values are handled; what is left out is said in its place.
 */
export function sanitizeValue(value: unknown, options: ValueLimits = {}): SafeJson {
  return sanitizePlain(value, options);
}

/** Anything that was thrown, as a plain sanitised error with its code, status, frames and causes. */
export function sanitizeError(thrown: unknown): SanitizedError {
  return readThrown(thrown);
}

/** As {@link sanitizeError}, for recognising: our own wrapping of a database error hides the code by which it is known, so what the server said counts. */
export function sanitizeFailure(thrown: unknown): SanitizedError {
  const error = readThrown(thrown);
  if (!isHealingError(thrown) || typeof part(thrown.details, "sqlState") !== "string") return error;
  const { name, message, code, sqlState, hint, details } = readThrown(thrown.cause);
  const said = Object.entries({ name, message, code, sqlState, hint, details });
  return { ...error, ...Object.fromEntries(said.filter(([, value]) => value !== undefined)) };
}

/** What is kept of the arguments of a call that failed: a few values of each, short and not deep. */
const ARGUMENT_LIMITS: ValueLimits = { maxLength: 200, maxDepth: 4, maxItems: 20, maxNodes: 100 };
const MOST_ARGUMENTS = 10;

/** The arguments of a call as they may be kept: sanitised, and bounded so that a large one costs little. */
export function sanitizeArgs(args: readonly unknown[]): SafeJson[] {
  const kept = args.slice(0, MOST_ARGUMENTS).map((arg) => sanitizePlain(arg, ARGUMENT_LIMITS));
  return args.length <= MOST_ARGUMENTS ? kept : [...kept, `[${args.length - MOST_ARGUMENTS} more]`];
}

/** An object as it may be kept: sanitised, and bounded as an argument is. */
export function sanitizeObject(value: unknown): SafeJson {
  return sanitizePlain(value, ARGUMENT_LIMITS);
}

/** The text with names for its secrets, and the way back; null when it holds one that cannot be told from the rest. */
export function maskSecrets(text: string, random?: Random): MaskedText | null {
  return maskSecretsIn(text, random);
}
