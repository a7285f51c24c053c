import assert from "node:assert/strict";
import { CircuitOpenError } from "../../../supabase/functions/_shared/circuitBreaker.ts";
import { toDatabaseError } from "../../../supabase/functions/_shared/core/databaseErrors.ts";
import { HealingError } from "../../../supabase/functions/_shared/core/errors.ts";
import { isRetryable } from "../../../supabase/functions/_shared/retry.ts";

function failure(message: string, parts: Record<string, unknown> = {}): Error {
  return Object.assign(new Error(message), parts);
}

function answer(status: number, headers: Record<string, string> = {}): Error {
  return failure("Edge Function returned a non-2xx status code", {
    context: new Response(null, { status, headers }),
  });
}

const PASSES: unknown[] = [
  failure("{}", { name: "AuthRetryableFetchError", status: 503 }),
  failure("busy"),
  "a thrown text",
  new HealingError("UNAVAILABLE", "no answer"),
  new HealingError("RATE_LIMITED", "slow down"),
  new HealingError("JSON_TRUNCATED", "cut off"),
  toDatabaseError({ code: "40001", message: "could not serialize access" }),
  toDatabaseError({ code: "40P01", message: "deadlock detected" }),
  toDatabaseError({ code: "53300", message: "too many clients" }),
  failure("deadlock detected", { code: "40P01" }),
  failure("terminating connection", { code: "57P01" }),
  failure("schema cache", { code: "PGRST002", status: 503 }),
  failure("read ECONNRESET", { code: "ECONNRESET" }),
  failure("write EPIPE", { code: "EPIPE" }),
  failure("429 slow down", { status: 429, code: "rate_limit_exceeded" }),
  failure("overloaded", { status: 529 }),
  failure("The server had an error", { status: 500 }),
  failure("slow", { name: "TimeoutError" }),
  failure("storage says 400", { status: 400, statusCode: "503" }),
  answer(503),
  new TypeError("error sending request for url (https://x): connection reset by peer"),
  new TypeError("fetch failed", { cause: new Error("dns error: failed to lookup address") }),
];

const LASTS: unknown[] = [
  failure("Database error saving new user", { name: "AuthRetryableFetchError", status: 500 }),
  failure("{}", { name: "AuthRetryableFetchError", status: 500 }),
  failure("Database error updating user", { status: 500 }),
  failure("Error sending confirmation email", { status: 500 }),
  failure("email rate limit exceeded", { status: 429, code: "over_email_send_rate_limit" }),
  new TypeError("Cannot read properties of undefined (reading '0')"),
  new RangeError("Invalid time value"),
  new TypeError("Invalid URL: 'undefined/rest/v1/x'"),
  new TypeError("Fetch failed: Maximum number of redirects (20) reached"),
  new TypeError("fetch failed", { cause: new Error("invalid peer certificate: UnknownIssuer") }),
  new TypeError("Fetch failed: Requests to port 9 are blocked"),
  new DOMException("The signal has been aborted", "AbortError"),
  new HealingError("FORBIDDEN", "no"),
  new HealingError("CONFLICT", "already decided"),
  new HealingError("JSON_TOO_LARGE", "too large"),
  new CircuitOpenError("target", "open", 1_000),
  toDatabaseError({ code: "23505", message: "duplicate key" }),
  toDatabaseError({ code: "08007", message: "transaction resolution unknown" }),
  toDatabaseError({ code: "PT409", message: "decided", details: "CONFLICT" }),
  failure("duplicate key", { code: "23505" }),
  failure("no such table", { code: "42P01" }),
  failure("no such column", { code: "PGRST204", status: 400 }),
  failure("quota", { status: 429, code: "insufficient_quota" }),
  failure("Request too large for gpt: Limit 1, Requested 2", { status: 429, code: "rate_limit_exceeded" }),
  failure("Database error saving new user", { status: 500, code: "unexpected_failure" }),
  failure("bad request", { status: 400 }),
  failure("not found", { status: 404 }),
  failure("storage says 400", { status: 400, statusCode: "404" }),
  answer(503, { "sb-error-code": "BOOT_ERROR" }),
  answer(403),
];

Deno.test("isRetryable() says yes to what may pass, by code, status or words", () => {
  for (const error of PASSES) assert.equal(isRetryable(error), true, String(error));
});

Deno.test("isRetryable() says no to what lasts, also behind a status that looks transient", () => {
  for (const error of LASTS) assert.equal(isRetryable(error), false, String(error));
});
