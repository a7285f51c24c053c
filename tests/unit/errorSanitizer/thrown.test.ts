import assert from "node:assert/strict";
import { sanitizeError } from "../../../supabase/functions/_shared/errorSanitizer.ts";

Deno.test("sanitizeError() reads an error of node-postgres", () => {
  const error = Object.assign(new Error('relation "users" does not exist'), {
    name: "error",
    code: "42P01",
    detail: "Key (email)=(a@example.com)",
    hint: "Perhaps",
    severity: "ERROR",
  });
  const { name, message, code, sqlState, details, hint, stack } = sanitizeError(error);
  assert.deepEqual(
    { name, message, code, sqlState, details, hint },
    {
      name: "error",
      message: 'relation "users" does not exist',
      code: "42P01",
      sqlState: "42P01",
      details: "Key (email)=([redacted:email])",
      hint: "Perhaps",
    },
  );
  assert.match(stack!, /^at .*thrown\.test\.ts/);
});

Deno.test("sanitizeError() reads plain objects, bodies and responses", () => {
  assert.deepEqual(sanitizeError({ code: "PGRST204", message: "m", details: null, hint: null }), {
    name: "NonError",
    message: "m",
    code: "PGRST204",
  });
  assert.deepEqual(
    sanitizeError({ error: { message: "too many", code: "rate_limit_exceeded" }, status: 429 }),
    {
      name: "NonError",
      message: "too many",
      code: "rate_limit_exceeded",
      status: 429,
    },
  );
  assert.deepEqual(sanitizeError({ statusCode: "403", error: "Unauthorized", message: "no" }), {
    name: "NonError",
    message: "no",
    status: 403,
  });
  assert.deepEqual(
    sanitizeError({ code: 422, error_code: "user_already_exists", msg: "User already registered" }),
    {
      name: "NonError",
      message: "User already registered",
      code: "user_already_exists",
      status: 422,
    },
  );
  assert.deepEqual(sanitizeError(new Response(null, { status: 503 })), {
    name: "Response",
    message: "HTTP 503",
    status: 503,
  });
  assert.deepEqual(sanitizeError({ a: 1, apiKey: "x" }), {
    name: "NonError",
    message: '{"a":1,"apiKey":"[redacted]"}',
  });
  assert.deepEqual(sanitizeError(undefined), { name: "NonError", message: "undefined" });
});

Deno.test("sanitizeError() finds the reason where the clients of the platform keep it", () => {
  const context = new Response(null, { status: 503, headers: { "sb-error-code": "BOOT_ERROR" } });
  const called = sanitizeError(Object.assign(new Error("non-2xx"), { name: "FunctionsHttpError", context }));
  assert.deepEqual([called.code, called.status], ["BOOT_ERROR", 503]);
  const stored = sanitizeError(
    Object.assign(new Error("Bucket not found"), { status: 400, statusCode: "404" }),
  );
  assert.equal(stored.status, 404);
});

Deno.test("sanitizeError() takes EPIPE for no SQLSTATE", () => {
  const error = sanitizeError(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
  assert.deepEqual([error.code, error.sqlState], ["EPIPE", undefined]);
});

Deno.test("sanitizeError() follows causes to a depth of four, in cycles too", () => {
  const error = new Error("outer", { cause: new TypeError("inner", { cause: "password=" + "hunter22" }) });
  assert.equal(sanitizeError(error).cause?.name, "TypeError");
  assert.equal(sanitizeError(error).cause?.cause?.message, "password=[redacted:password]");
  const circular = new Error("a");
  circular.cause = new Error("b", { cause: circular });
  assert.equal(sanitizeError(circular).cause?.cause?.cause?.cause?.cause, undefined);
  assert.equal(sanitizeError(new AggregateError([new Error("first")], "all")).cause?.message, "first");
});

Deno.test("sanitizeError() keeps at most 30 frames and no person's name", () => {
  const error = new Error("x");
  error.stack = `Error: x password=hunter22\n${"    at run (/home/alice/app/src/main.ts:1:2)\n".repeat(100)}`;
  const frames = sanitizeError(error).stack!.split("\n");
  assert.equal(frames.length, 30);
  assert.equal(frames[0], "at run (/home/~/app/src/main.ts:1:2)");
});
