import assert from "node:assert/strict";
import { toRestError } from "../../../scripts/stack/postgrestErrors.ts";

function serverError(code: string, message = "it failed", more: Record<string, unknown> = {}): Error {
  return Object.assign(new Error(message), { severity: "ERROR", code, ...more });
}

function statusOf(code: string, message?: string, role = "authenticated"): number {
  return toRestError(serverError(code, message), role).status;
}

// The table of PostgREST's documentation, "HTTP status codes".
Deno.test("toRestError() gives every SQLSTATE the status that PostgREST gives it", () => {
  const expected: Record<string, number> = {
    "08006": 503,
    "09000": 500,
    "0L000": 403,
    "0P000": 403,
    "23503": 409,
    "23505": 409,
    "23502": 400,
    "23514": 400,
    "22P02": 400,
    "25006": 405,
    "25001": 500,
    "28000": 403,
    "2D000": 500,
    "38000": 500,
    "39000": 500,
    "3B000": 500,
    "40001": 500,
    "53300": 503,
    "53400": 500,
    "54001": 500,
    "55P03": 500,
    "57014": 500,
    "57P01": 503,
    "58000": 500,
    "F0000": 500,
    "HV000": 500,
    "P0001": 400,
    "P0002": 500,
    "XX000": 500,
    "42883": 404,
    "42P01": 404,
    "42P17": 500,
    "42703": 400,
    "42601": 400,
    "MM409": 400,
  };
  for (const [code, status] of Object.entries(expected)) assert.equal(statusOf(code), status, code);
});

Deno.test("toRestError() tells a caller without an identity to sign in, and another that it may not", () => {
  const anonymous = toRestError(serverError("42501"), "anon");
  assert.equal(anonymous.status, 401);
  assert.equal(anonymous.headers["www-authenticate"], "Bearer");
  assert.equal(statusOf("42501"), 403);
});

Deno.test("toRestError() lets a function choose a status by PTxyz, and only one that exists", () => {
  assert.equal(statusOf("PT409"), 409);
  assert.equal(statusOf("PT418"), 418);
  for (const code of ["PT000", "PT199", "PT999", "PTABC"]) assert.equal(statusOf(code), 500, code);
});

Deno.test("toRestError() lets a function choose its whole answer by sqlstate PGRST", () => {
  const error = toRestError(
    serverError("PGRST", '{"code":"123","message":"Payment required","hint":"pay"}', {
      detail: '{"status":402,"headers":{"X-Powered-By":"a function"}}',
    }),
    "anon",
  );
  assert.equal(error.status, 402);
  assert.deepEqual([error.code, error.message, error.hint, error.details], [
    "123",
    "Payment required",
    "pay",
    null,
  ]);
  assert.deepEqual(error.headers, { "X-Powered-By": "a function" });
});

Deno.test("toRestError() says what is wrong with a chosen answer that cannot be read", () => {
  for (const [message, detail] of [["no json", "{}"], ["{}", "{}"], ['{"code":"1","message":"m"}', null]]) {
    const error = toRestError(serverError("PGRST", message!, { detail }), "anon");
    assert.deepEqual([error.status, error.code], [500, "PGRST121"]);
  }
});

Deno.test("toRestError() knows an unreachable database and a pool without a free connection", () => {
  const refused = toRestError(new Error("connect ECONNREFUSED 127.0.0.1:1"), "anon");
  assert.deepEqual([refused.status, refused.code], [503, "PGRST000"]);
  const waiting = toRestError(new Error("timeout exceeded when trying to connect"), "anon");
  assert.deepEqual([waiting.status, waiting.code], [504, "PGRST003"]);
});

Deno.test("toRestError() tells a role that does not exist from another wrong value", () => {
  assert.equal(statusOf("22023", 'role "nobody" does not exist'), 401);
  assert.equal(statusOf("22023", "another parameter"), 400);
  assert.equal(statusOf("21000", "UPDATE requires a WHERE clause"), 400);
  assert.equal(statusOf("21000", "more than one row returned by a subquery used as an expression"), 500);
});
