/**
 * Whether the same call may succeed later without any change. Codes decide before texts, and permanent errors whose
 * status looks transient come before the statuses. What no table knows may pass: that is what a retry is for.
 *
 * @module
 */

import { type HealingErrorCode, isHealingError } from "../core/errors.ts";
import { SERVER_TROUBLE, troubleOf } from "../core/passing.ts";
import { isInstance, part } from "../core/unknownValues.ts";
import { headerReader, httpStatusOf, wordsOf } from "./errorParts.ts";

const CODES: ReadonlySet<HealingErrorCode> = new Set<HealingErrorCode>([
  "RATE_LIMITED",
  "TIMEOUT",
  "UNAVAILABLE",
  "INTERNAL",
  // A model that is asked again answers something else.
  "JSON_INVALID",
  "JSON_TRUNCATED",
  "JSON_SCHEMA_MISMATCH",
]);
const STATUSES: ReadonlySet<number> = new Set([
  408,
  425,
  429,
  500,
  502,
  503,
  504,
  520,
  521,
  522,
  523,
  524,
  529,
]);
const NETWORK_CODES =
  /^(?:ECONNRESET|ECONNREFUSED|ECONNABORTED|EPIPE|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|UND_ERR\w*)$/;
const NETWORK_WORDS =
  /fetch failed|error sending request|connect(?:ion)?\b|network|socket|dns error|SendRequest|closed before/i;
const LASTING_NETWORK_WORDS = /certificate|invalid url|redirects|are blocked|unsupported protocol|scheme/i;
const LASTING_CODES =
  /^(?:insufficient_quota|billing\w*|context_length_exceeded|unexpected_failure|over_(?:email|sms)_send_rate_limit)$/;
const LASTING_WORDS =
  /Request too large|exceeded your current quota|Database error [a-z]+ing |Error sending [a-z ]*(?:email|mail|sms|otp)|email rate limit exceeded/i;
const LASTING_FUNCTION_CODES: ReadonlySet<string> = new Set([
  "BOOT_ERROR",
  "WORKER_LIMIT",
  "WORKER_RESOURCE_LIMIT",
]);

/** True when a retry may help. */
export function isRetryable(error: unknown): boolean {
  if (part(error, "name") === "AbortError" || part(part(error, "details"), "refused") === true) return false;
  if (isHealingError(error)) return isRetryableCode(error.code, part(error.details, "sqlState"));
  const words = wordsOf(error);
  if (isInstance(error, TypeError) || isInstance(error, RangeError)) {
    return NETWORK_WORDS.test(words) && !LASTING_NETWORK_WORDS.test(words);
  }
  // The client calls it retryable by its name; a trigger, a hook or the mail server fails the same way each time.
  if (part(error, "name") === "AuthRetryableFetchError" && httpStatusOf(error) === 500) return false;
  const code = part(error, "code");
  if (LASTING_WORDS.test(words) || LASTING_NETWORK_WORDS.test(words)) return false;
  if (typeof code === "string") {
    const verdict = judgeCode(code);
    if (verdict !== undefined) return verdict;
  }
  const status = httpStatusOf(error);
  if (LASTING_FUNCTION_CODES.has(headerReader(error)?.("sb-error-code") ?? "")) return false;
  return status === undefined || status < 400 || STATUSES.has(status);
}

function isRetryableCode(code: HealingErrorCode, sqlState: unknown): boolean {
  if (typeof sqlState === "string" && !sqlState.startsWith("PT")) {
    const verdict = judgeCode(sqlState);
    if (verdict !== undefined) return verdict;
  }
  return CODES.has(code);
}

/** Undefined for a code that says nothing about it. */
function judgeCode(code: string): boolean | undefined {
  if (LASTING_CODES.test(code)) return false;
  if (/^PGRST\d+$/.test(code)) return /^PGRST00[0-3]$/.test(code);
  // A SQLSTATE has a digit in its class or is a class of ours; `EPIPE` is none.
  if (/^(?=.*\d)[0-9A-Z]{5}$/.test(code)) return passes(code);
  return NETWORK_CODES.test(code) ? true : undefined;
}

/** Not 08007 and 40003, whose outcome is unknown. */
function passes(sqlState: string): boolean {
  const trouble = troubleOf(sqlState);
  return trouble !== undefined && SERVER_TROUBLE[trouble][0] === "retry";
}
