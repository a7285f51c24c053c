/** Reads a call of a database function out of a request: which function, with what, and in what form to answer. @module */

import { isRecord } from "../../supabase/functions/_shared/core/unknownValues.ts";
import { decodeText, readBody } from "./http.ts";
import {
  bodyTooLarge,
  invalidBody,
  invalidMediaType,
  invalidRpcMethod,
  invalidSchema,
  notImplemented,
} from "./restError.ts";
import type { CallShape } from "./routines.ts";

/** What the arguments came as. */
export type RpcArguments =
  | { kind: "json"; text: string }
  | { kind: "text"; text: string }
  | { kind: "query"; values: ReadonlyMap<string, readonly string[]> };

/** A call that was understood. */
export interface RpcCall {
  shape: CallShape;
  arguments: RpcArguments;
  /** True for GET and HEAD: the transaction must not write. */
  readOnly: boolean;
  /** True when exactly one row is wanted, as an object. */
  single: boolean;
  countExactly: boolean;
}

/** What bounds a call. */
export interface RpcRequestLimits {
  schemas: readonly string[];
  maxBodyBytes: number;
}

/** Query parameters that PostgREST takes for itself. */
const RESERVED = new Set([
  "select",
  "order",
  "limit",
  "offset",
  "columns",
  "on_conflict",
  "and",
  "or",
  "not",
]);

/** Understands the request, or throws the error that answers it. */
export async function readRpcCall(
  request: Request,
  name: string,
  limits: RpcRequestLimits,
): Promise<RpcCall> {
  const { method } = request;
  const readOnly = method === "GET" || method === "HEAD";
  if (!readOnly && method !== "POST") throw invalidRpcMethod(method);
  const schema = schemaOf(request, readOnly, limits.schemas);
  const single = wantsSingle(request);
  const query = queryArguments(request, readOnly);
  const payload = readOnly
    ? { names: [...query.keys()], arguments: { kind: "query", values: query } as const }
    : await readPayload(request, limits.maxBodyBytes);
  const bodyType = payload.arguments.kind === "query" ? undefined : payload.arguments.kind;
  return {
    shape: { schema, name, argumentNames: payload.names, bodyType },
    arguments: payload.arguments,
    readOnly,
    single,
    countExactly: /\bcount=exact\b/.test(request.headers.get("prefer") ?? ""),
  };
}

function schemaOf(request: Request, readOnly: boolean, exposed: readonly string[]): string {
  const asked = request.headers.get(readOnly ? "accept-profile" : "content-profile");
  if (asked !== null && !exposed.includes(asked)) throw invalidSchema(asked, exposed);
  return asked ?? exposed[0] ?? "public";
}

function wantsSingle(request: Request): boolean {
  const accepted = request.headers.get("accept") ?? "*/*";
  const types = accepted.split(",").map((part) => part.split(";")[0]!.trim().toLowerCase());
  for (const type of types) {
    if (type === "application/vnd.pgrst.object+json" || type === "application/vnd.pgrst.object") return true;
    if (type === "*/*" || type === "application/*" || type === "application/json" || type === "") {
      return false;
    }
  }
  throw invalidMediaType(types.join(", "));
}

function queryArguments(request: Request, readOnly: boolean): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of new URL(request.url).searchParams) {
    if (name === "apikey" || (name === "select" && value === "*")) continue;
    // On POST every parameter filters the result; on GET all but the reserved ones are arguments.
    if (!readOnly || RESERVED.has(name)) {
      throw notImplemented(
        `The local stack does not apply "${name}" to the result of a function.`,
        "Filter inside the function, or in the caller.",
      );
    }
    values.set(name, [...values.get(name) ?? [], value]);
  }
  return values;
}

interface Payload {
  names: string[];
  arguments: RpcArguments;
}

async function readPayload(request: Request, maxBodyBytes: number): Promise<Payload> {
  const type = (request.headers.get("content-type") ?? "application/json").split(";")[0]!.trim()
    .toLowerCase();
  if (type !== "application/json" && type !== "text/plain") {
    throw invalidBody(`Content-Type not acceptable: ${type}`);
  }
  const bytes = await readBody(request, maxBodyBytes);
  if (bytes === undefined) throw bodyTooLarge(maxBodyBytes);
  const text = decodeText(bytes);
  if (text === undefined) throw invalidBody();
  if (type === "text/plain") return { names: [], arguments: { kind: "text", text } };
  return text === "" ? { names: [], arguments: { kind: "json", text: "{}" } } : jsonPayload(text);
}

/** The text goes to the server as it came: what the server reads must not pass through our numbers. */
function jsonPayload(text: string): Payload {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidBody();
  }
  return { names: namesOf(value), arguments: { kind: "json", text } };
}

function namesOf(value: unknown): string[] {
  if (!Array.isArray(value)) return isRecord(value) ? Object.keys(value) : [];
  const [first] = value;
  if (first === undefined) return [];
  const names = isRecord(first) ? Object.keys(first) : undefined;
  const uniform = names !== undefined &&
    value.every((row) =>
      isRecord(row) && Object.keys(row).length === names.length &&
      names.every((name) => Object.hasOwn(row, name))
    );
  if (!uniform) throw invalidBody("All object keys must match");
  return names;
}
