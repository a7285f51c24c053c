/**
 * The errors of the REST door, in PostgREST's words and with its status codes.
 *
 * The library heals by these codes and texts, so they follow PostgREST 14's `Error.hs` to the letter.
 *
 * @module
 */

import type { JwtRefusal } from "./jwt.ts";
import { textResponse } from "./http.ts";

/** What an error of the REST door says. */
export interface RestErrorInit {
  status: number;
  code: string;
  message: string;
  details?: string | null;
  hint?: string | null;
  headers?: Record<string, string>;
}

/** An error that is answered to the caller as it is. */
export class RestError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: string | null;
  readonly hint: string | null;
  readonly headers: Record<string, string>;

  constructor(init: RestErrorInit) {
    super(init.message);
    this.name = "RestError";
    this.status = init.status;
    this.code = init.code;
    this.details = init.details ?? null;
    this.hint = init.hint ?? null;
    this.headers = init.headers ?? {};
  }

  /** The answer that carries this error. */
  toResponse(): Response {
    const { code, message, details, hint } = this;
    const headers = { "proxy-status": `PostgREST; error=${code}`, ...this.headers };
    return textResponse(this.status, JSON.stringify({ code, message, details, hint }), headers);
  }
}

/** The body is not what the content type says. */
export function invalidBody(message = "Empty or invalid json"): RestError {
  return new RestError({ status: 400, code: "PGRST102", message });
}

/** The body is longer than the gateway takes; PostgREST itself has no such limit, the platform has. */
export function bodyTooLarge(maxBytes: number): RestError {
  return new RestError({
    status: 413,
    code: "PAYLOAD_TOO_LARGE",
    message: `The body is larger than ${maxBytes} bytes`,
    hint: "Send it in several requests.",
  });
}

/** A method that a function cannot be called with. */
export function invalidRpcMethod(method: string): RestError {
  return new RestError({
    status: 405,
    code: "PGRST101",
    message: `Cannot use the ${method} method on RPC`,
  });
}

/** A schema that is not exposed. */
export function invalidSchema(schema: string, exposed: readonly string[]): RestError {
  return new RestError({
    status: 406,
    code: "PGRST106",
    message: `Invalid schema: ${schema}`,
    hint: `Only the following schemas are exposed: ${exposed.join(", ")}`,
  });
}

/** Content that the caller accepts and that we do not make. */
export function invalidMediaType(accepted: string): RestError {
  return new RestError({
    status: 406,
    code: "PGRST107",
    message: `None of these media types are available: ${accepted}`,
  });
}

/** A path that leads nowhere. */
export function invalidPath(): RestError {
  return new RestError({ status: 404, code: "PGRST125", message: "Invalid path specified in request URL" });
}

/** Something that PostgREST does and this stand-in does not. */
export function notImplemented(details: string, hint: string): RestError {
  return new RestError({ status: 400, code: "PGRST127", message: "Feature not implemented", details, hint });
}

/** A single object was asked for, and there is another number of rows. */
export function notSingular(rows: number): RestError {
  return new RestError({
    status: 406,
    code: "PGRST116",
    message: "Cannot coerce the result to a single JSON object",
    details: `The result contains ${rows} rows`,
  });
}

/** The database cannot be reached. */
export function databaseUnreachable(details: string): RestError {
  return new RestError({
    status: 503,
    code: "PGRST000",
    message: "Database connection error. Retrying the connection.",
    details,
  });
}

/** No connection became free in time. */
export function poolExhausted(): RestError {
  return new RestError({
    status: 504,
    code: "PGRST003",
    message: "Timed out acquiring connection from connection pool.",
  });
}

/** A token that was refused. */
export function invalidToken(refusal: JwtRefusal): RestError {
  const { code, message, details } = wordsOfRefusal(refusal);
  const challenge = `Bearer error="invalid_token", error_description=${JSON.stringify(message)}`;
  return new RestError({
    status: 401,
    code,
    message,
    ...(details === undefined ? {} : { details }),
    headers: { "www-authenticate": challenge },
  });
}

function wordsOfRefusal(refusal: JwtRefusal): { code: string; message: string; details?: string } {
  switch (refusal.kind) {
    case "malformed":
      return refusal.parts === 3
        ? { code: "PGRST301", message: "JWT cryptographic operation failed" }
        : { code: "PGRST301", message: `Expected 3 parts in JWT; got ${refusal.parts}` };
    case "algorithm":
      return refusal.algorithm === "none"
        ? {
          code: "PGRST301",
          message: "Wrong or unsupported encoding algorithm",
          details: "JWT is unsecured",
        }
        : {
          code: "PGRST301",
          message: "No suitable key or wrong key type",
          details: "No suitable key found",
        };
    case "signature":
      return {
        code: "PGRST301",
        message: "No suitable key or wrong key type",
        details: "None of the keys was able to decode the JWT",
      };
    case "claims":
      return { code: "PGRST303", message: refusal.message };
  }
}
