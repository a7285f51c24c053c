/**
 * A server that answers a request as the row says, for as long as the real one would: while the request has the defect
 * that the answer names; until it comes again, where the row says that the same request may be sent again; else always.
 *
 * It counts what it gets, also what a client sends again by itself: a failure that lasts and is sent again unchanged
 * is harm, and so is a write that is made twice without a key.
 *
 * @module
 */

import { jsonIn, PlainHttpServer, type PlainRequest } from "../../tests/helpers/plainHttpServer.ts";
import type { Case } from "./cases.ts";

/** A request as it arrived; the body is what its JSON says. */
export interface StandInRequest {
  method: string;
  url: string;
  headers: Headers;
  body: unknown;
  /** The body as it came. */
  bytes: Uint8Array;
}

/** What a stand-in can be told. */
export interface StandInOptions {
  /** True while the request still has what the answer complains of. */
  defect?: (request: StandInRequest) => boolean;
  /** The good answer; an empty list in JSON. */
  answer?: (request: StandInRequest) => Response | Promise<Response>;
  /** What stands in braces in the row's words, by name. */
  words?: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
  /** The call carries a key: the other side does it once however often it comes. */
  isKeyed?: boolean;
}

/** The running server. */
export interface StandIn extends AsyncDisposable {
  url: string;
  requests: StandInRequest[];
  /** Good answers that were given. */
  answered: number;
  /** How often the same request came again unchanged. */
  readonly repeats: number;
  /** How often a request that was refused came again unchanged. */
  repeatedRefusals: number;
}

/** Starts a stand-in for one row. */
export function startStandIn(row: Case, options: StandInOptions = {}): StandIn {
  const requests: StandInRequest[] = [];
  const refused = new Set<string>();
  const { defect, answer = () => Response.json([]) } = options;
  const mends = row.retry_safe_unchanged === true || (options.isKeyed === true && !hasStatus(row));
  const server = new PlainHttpServer((plain) => {
    const request = readRequest(plain);
    requests.push(request);
    const isBroken = defect === undefined ? !(mends && requests.length > 1) : defect(request);
    if (refused.has(keyOf(request))) standIn.repeatedRefusals++;
    if (isBroken) {
      refused.add(keyOf(request));
      return fail(row, options);
    }
    standIn.answered++;
    return answer(request);
  });
  const standIn: StandIn = {
    url: `http://127.0.0.1:${server.port}`,
    requests,
    answered: 0,
    repeatedRefusals: 0,
    get repeats() {
      return requests.length - new Set(requests.map(keyOf)).size;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
  return standIn;
}

function readRequest({ method, path, headers, body, bytes }: PlainRequest): StandInRequest {
  return { method, url: path, headers, body: jsonIn(body) ?? body, bytes };
}

/** The form of the answer and who asks belong to a call: with others it is another one. */
function keyOf({ method, url, body, headers }: StandInRequest): string {
  return JSON.stringify([method, url, body, headers.get("accept"), headers.get("authorization")]);
}

/** True where the row is an answer, and not the want of one. */
export function hasStatus({ error }: Case): boolean {
  return typeof error.http_status === "number" && error.http_status >= 200;
}

const NETWORK = /connection|network|timed? ?-?out|fetch failed|failed to send|socket|ECONN|closed/i;

/** True where a server can do what the row says; what a client finds wrong by itself never reaches one. */
export function canStandIn(row: Case): boolean {
  const { body, message, http_status: status } = row.error;
  if (!hasStatus(row)) return NETWORK.test(message ?? "");
  const hasBody = (body !== undefined && body !== null) || message?.startsWith("{") === true;
  return status! >= 300 || status === 204 || hasBody;
}

/** A row without a status is a silence when it speaks of time, and a connection that breaks otherwise. */
function fail(row: Case, { words = {}, headers = {} }: StandInOptions): Response | Promise<Response> {
  if (hasStatus(row)) {
    const status = row.error.http_status!;
    const isEmpty = status === 204 || status === 205 || status === 304;
    return new Response(isEmpty ? null : filled(bodyOf(row), words), {
      status,
      headers: { "content-type": "application/json", ...headers },
    });
  }
  if (/timed? ?-?out/i.test(row.error.message ?? "")) return new Promise(() => {});
  throw new Error("the connection breaks");
}

/** Some rows have the body in their words alone. */
function bodyOf({ error: { body, message } }: Case): string {
  if (typeof body === "string") return body;
  if (body !== undefined && body !== null) return JSON.stringify(body);
  return message?.startsWith("{") ? message : JSON.stringify({ message });
}

/** A real answer has no braces with names in them. */
function filled(text: string, words: Readonly<Record<string, string>>): string {
  return text.replace(/\{([a-z_]{1,20})\}/g, (slot, name: string) => words[name] ?? slot);
}
