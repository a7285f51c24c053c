/**
 * Reads anything that was thrown, however odd, into one plain and sanitised form.
 *
 * @module
 */

import { isSqlState } from "../core/sqlState.ts";
import { isInstance, part } from "../core/unknownValues.ts";
import { sanitizeStack } from "./stackFrames.ts";
import { sanitizeString } from "./strings.ts";
import { type SafeJson, sanitizePlain } from "./values.ts";

/** An error as it may be stored, logged or shown to a model. */
export interface SanitizedError {
  /** The class: `TypeError`, `PostgrestError`; `NonError` for a thrown value that is none. */
  name: string;
  message: string;
  /** SQLSTATE, PGRST code, network code, provider's code. */
  code?: string;
  /** The code again, when it is a SQLSTATE. */
  sqlState?: string;
  /** HTTP status, also from a string or from the response that an error carries. */
  status?: number;
  hint?: string;
  /** Postgres' detail, or what the error carries as plain JSON. */
  details?: SafeJson;
  /** At most 30 frames, one a line. */
  stack?: string;
  cause?: SanitizedError;
}

const MAX_MESSAGE = 8_000;
const MAX_HINT = 1_000;
const MAX_CAUSES = 4;

/** The thrown value, readable and without secrets; never throws. */
export function readThrown(thrown: unknown, depth = 0): SanitizedError {
  if (typeof thrown !== "object" || thrown === null) {
    return {
      name: "NonError",
      message: sanitizeString(textOf(thrown), MAX_MESSAGE),
    };
  }
  const body = bodyOf(thrown);
  const code = readCode(thrown) ?? readCode(body) ?? readHeaderCode(thrown);
  const cause = depth < MAX_CAUSES ? causeOf(thrown) : undefined;
  return compact({
    name: readText(thrown, ["name"], 200) ?? className(thrown),
    message: messageFrom(thrown, body),
    code,
    sqlState: code !== undefined && isSqlState(code) ? code : readText(thrown, ["sqlState", "sqlstate"], 5),
    status: readStatus(thrown) ?? readStatus(body),
    hint: readText(thrown, ["hint"], MAX_HINT) ??
      readText(body, ["hint"], MAX_HINT),
    details: readDetails(thrown) ?? readDetails(body),
    stack: stackOf(thrown),
    cause: cause === undefined || cause === thrown ? undefined : readThrown(cause, depth + 1),
  });
}

/** The fields of a body that an error wraps: `{ error: { message, code } }` and the like. */
function bodyOf(thrown: object): object {
  const inner = part(thrown, "error");
  return typeof inner === "object" && inner !== null ? inner : {};
}

function messageFrom(thrown: object, body: object): string {
  const names = ["message", "msg", "error_description", "error"];
  const own = readText(thrown, names, MAX_MESSAGE);
  if (own !== undefined) return own;
  const inner = readText(body, names, MAX_MESSAGE);
  if (inner !== undefined) return inner;
  if (isInstance(thrown, Response)) return `HTTP ${thrown.status}`;
  if (isInstance(thrown, Error)) return "";
  return sanitizeString(JSON.stringify(sanitizePlain(thrown)), MAX_MESSAGE);
}

/** A number from 400 to 599 in the place of a code is a status: Supabase Auth and gateways put it there. */
function readCode(source: object): string | undefined {
  const values = ["code", "error_code", "errorCode", "errno"].map((name) => part(source, name));
  const text = values.find((value) => typeof value === "string" && value !== "");
  if (typeof text === "string") return sanitizeString(text, 100);
  const number = values.find((value) => Number.isFinite(value));
  return number === undefined || isErrorStatus(number) ? undefined : String(number);
}

function readStatus(source: object): number | undefined {
  // Storage answers 400 for nearly everything and keeps the true status in `statusCode`.
  for (const name of ["statusCode", "status", "httpStatus"]) {
    const status = Number(readScalar(source, name) ?? NaN);
    if (Number.isInteger(status) && status >= 100 && status <= 599) return status;
  }
  const response = responseOf(source);
  if (response !== undefined) return response.status;
  const code = part(source, "code");
  return isErrorStatus(code) ? code : undefined;
}

/** The platform's gateway names the reason in a header of the response that the client's error carries. */
function readHeaderCode(source: object): string | undefined {
  const code = responseOf(source)?.headers.get("sb-error-code");
  return code ? sanitizeString(code, 100) : undefined;
}

function responseOf(source: object): Response | undefined {
  const response = part(source, "context") ?? part(source, "response");
  return isInstance(response, Response) ? response : undefined;
}

function isErrorStatus(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 400 && value <= 599;
}

function readDetails(source: object): SafeJson | undefined {
  const value = part(source, "details") ?? part(source, "detail");
  if (value === undefined || value === null || value === "") return undefined;
  return typeof value === "string" ? sanitizeString(value, MAX_MESSAGE) : sanitizePlain(value);
}

function causeOf(thrown: object): unknown {
  const cause = part(thrown, "cause");
  if (cause !== undefined && cause !== null) return cause;
  // The client of edge functions keeps there why it could not send.
  const context = part(thrown, "context");
  if (isInstance(context, Error)) return context;
  const errors = part(thrown, "errors");
  return isInstance(thrown, AggregateError) && Array.isArray(errors) ? errors[0] : undefined;
}

function stackOf(thrown: object): string | undefined {
  const stack = part(thrown, "stack");
  return typeof stack === "string" ? sanitizeStack(stack) : undefined;
}

function readText(source: object, names: readonly string[], maxLength: number): string | undefined {
  for (const name of names) {
    const value = part(source, name);
    if (typeof value === "string" && value !== "") {
      return sanitizeString(value, maxLength);
    }
  }
  return undefined;
}

function readScalar(source: object, name: string): string | number | undefined {
  const value = part(source, name);
  return typeof value === "string" || typeof value === "number" ? value : undefined;
}

function className(thrown: object): string {
  const made = part(thrown, "constructor");
  const name = typeof made === "function" ? part(made, "name") : undefined;
  return typeof name === "string" && name !== "" && name !== "Object"
    ? sanitizeString(name, 200)
    : "NonError";
}

function textOf(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return "a value that cannot be read";
  }
}

function compact(error: { [Key in keyof SanitizedError]: SanitizedError[Key] | undefined }): SanitizedError {
  const kept = Object.entries(error).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as unknown as SanitizedError;
}
