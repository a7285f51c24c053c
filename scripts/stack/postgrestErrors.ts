/**
 * Turns what the database says into what PostgREST answers: SQLSTATE to status, and the two ways in which a
 * function may choose its own answer (`raise sqlstate 'PT409'` and `raise sqlstate 'PGRST'`).
 *
 * @module
 */

import { messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import type { DatabaseError } from "../../supabase/functions/_shared/postgres.ts";
import { databaseUnreachable, poolExhausted, RestError } from "./restError.ts";

/** The parts of a server's message that an answer needs. */
interface ServerMessage {
  code: string;
  message: string;
  detail: string | null;
  hint: string | null;
}

/** Statuses of whole classes; an exact SQLSTATE in {@link STATUS_BY_STATE} comes first. */
const STATUS_BY_CLASS: Readonly<Record<string, number>> = {
  "08": 503,
  "09": 500,
  "0L": 403,
  "0P": 403,
  "25": 500,
  "28": 403,
  "2D": 500,
  "38": 500,
  "39": 500,
  "3B": 500,
  "40": 500,
  "53": 503,
  "54": 500,
  "55": 500,
  "57": 500,
  "58": 500,
  "F0": 500,
  "HV": 500,
  "P0": 500,
  "XX": 500,
};

const STATUS_BY_STATE: Readonly<Record<string, number>> = {
  "23503": 409,
  "23505": 409,
  "25006": 405,
  "42883": 404,
  "42P01": 404,
  "42P17": 500,
  "53400": 500,
  "57P01": 503,
  "P0001": 400,
};

/** The answer to whatever was thrown while a function ran for `role`. */
export function toRestError(thrown: unknown, role: string): RestError {
  if (thrown instanceof RestError) return thrown;
  const server = serverMessageOf(thrown);
  if (server === undefined) return clientSideError(thrown);
  if (server.code === "PGRST") return chosenAnswer(server);
  const status = statusOf(server, role);
  return new RestError({
    status,
    code: server.code,
    message: server.message,
    details: server.detail,
    hint: server.hint,
    ...(status === 401 ? { headers: { "www-authenticate": "Bearer" } } : {}),
  });
}

/** True when the connection itself is of no further use. */
export function isConnectionLoss(thrown: unknown): boolean {
  const server = serverMessageOf(thrown);
  return server === undefined ? !(thrown instanceof RestError) : /^(08|57P0)/.test(server.code);
}

function statusOf({ code, message }: ServerMessage, role: string): number {
  if (code === "42501") return role === "anon" ? 401 : 403;
  if (code === "22023" && /^role .* does not exist$/.test(message)) return 401;
  if (code === "21000") return message.endsWith("requires a WHERE clause") ? 400 : 500;
  if (/^PT\d{3}$/.test(code)) return chosenStatus(Number(code.slice(2)));
  if (code.startsWith("PT")) return 500;
  return STATUS_BY_STATE[code] ?? STATUS_BY_CLASS[code.slice(0, 2)] ?? 400;
}

/** A status that a Response can carry. */
function chosenStatus(status: number): number {
  return status >= 200 && status <= 599 ? status : 500;
}

function serverMessageOf(thrown: unknown): ServerMessage | undefined {
  if (!(thrown instanceof Error) || !("code" in thrown) || !("severity" in thrown)) return undefined;
  const { code, message, detail, hint } = thrown as Error as DatabaseError;
  return { code: code ?? "XX000", message, detail: detail ?? null, hint: hint ?? null };
}

/** An error without a SQLSTATE comes from the driver: the connection, not the statement, has failed. */
function clientSideError(thrown: unknown): RestError {
  const message = messageOf(thrown);
  return /timeout exceeded when trying to connect/.test(message)
    ? poolExhausted()
    : databaseUnreachable(message);
}

function chosenAnswer(server: ServerMessage): RestError {
  const body = parseObject(server.message);
  if (typeof body?.code !== "string" || typeof body.message !== "string") {
    return unreadableAnswer(
      `Invalid JSON value for MESSAGE: '${server.message}'`,
      "MESSAGE must be a JSON object with obligatory keys: 'code', 'message' and optional keys: 'details', 'hint'.",
    );
  }
  const detail = server.detail === null ? undefined : parseObject(server.detail);
  if (typeof detail?.status !== "number" || typeof detail.headers !== "object" || detail.headers === null) {
    return unreadableAnswer(
      server.detail === null
        ? "DETAIL is missing in the RAISE statement"
        : `Invalid JSON value for DETAIL: '${server.detail}'`,
      "DETAIL must be a JSON object with obligatory keys: 'status', 'headers' and optional key: 'status_text'.",
    );
  }
  return new RestError({
    status: chosenStatus(detail.status),
    code: body.code,
    message: body.message,
    details: typeof body.details === "string" ? body.details : null,
    hint: typeof body.hint === "string" ? body.hint : null,
    headers: Object.fromEntries(
      Object.entries(detail.headers).map(([name, value]) => [name, String(value)]),
    ),
  });
}

function unreadableAnswer(details: string, hint: string): RestError {
  return new RestError({
    status: 500,
    code: "PGRST121",
    message: `Could not parse JSON in the "RAISE SQLSTATE 'PGRST'" error`,
    details,
    hint,
  });
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : undefined;
  } catch {
    return undefined;
  }
}
