/** Calls the interfaces of providers: bounded in time and size, and honest about what is not known. @module */

import type { Clock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import { sanitizeText } from "../errorSanitizer.ts";
import { retryAfterOf } from "../retry.ts";

/** One call. */
export interface ApiCall {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Begins with a slash; the address stands before it. */
  path: string;
  /** Sent as JSON, or as it is when it is a form. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** What came back. */
export interface ApiAnswer {
  kind: "answer";
  status: number;
  ok: boolean;
  /** The parsed body; undefined when it is no JSON. */
  json: unknown;
  text: string;
  bytes: ReturnType<TextEncoder["encode"]>;
  contentType: string;
  /** How long the other side asks to be left alone. */
  retryAfterSeconds: number | undefined;
  /** Nothing was done, as there were too many calls. */
  isLimited: boolean;
}

/** No answer: it was taken, or it was not. */
export interface Silence {
  kind: "silence";
  reason: string;
  /** False when not even a connection was made: then nothing was taken. */
  mayBeTaken: boolean;
}

/** Calls one provider with its token. */
export type Api = (call: ApiCall) => Promise<ApiAnswer | Silence>;

/** How a provider is reached. */
export interface ApiOptions {
  baseUrl: string;
  headers: Record<string, string>;
  /** What is taken out of every answer, should the other side repeat it. */
  secret: string;
  clock: Clock;
  request?: typeof fetch | undefined;
  timeoutMs?: number;
}

const TIMEOUT_MS = 25_000;
/** Longest answer that is read, in bytes; the source of a function is at most 20 MB, and most are a hundredth. */
const LONGEST_ANSWER = 8_000_000;
/** Connecting failed, in the words of Deno 2.1 and of later ones. */
const NOT_CONNECTED =
  /client error \(Connect\)|tcp connect error|connection refused|dns error|failed to lookup/i;

/** Makes the caller. It follows no redirect: the token goes to the address that an admin has set, and nowhere else. */
export function createApi(
  { baseUrl, headers, secret, clock, request = fetch, timeoutMs = TIMEOUT_MS }: ApiOptions,
): Api {
  return async ({ method, path, body, headers: own }) => {
    const isForm = body instanceof FormData || typeof body === "string";
    try {
      const response = await request(`${baseUrl}${path}`, {
        method,
        redirect: "manual",
        headers: {
          accept: "application/json",
          ...headers,
          ...(body === undefined || isForm ? {} : { "content-type": "application/json" }),
          ...own,
        },
        ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      return answerOf(response, await readBytes(response), secret, clock.now());
    } catch (thrown) {
      return silenceOf(thrown, method, path);
    }
  };
}

function silenceOf(thrown: unknown, method: string, path: string): Silence {
  const cause = thrown instanceof Error && thrown.cause !== undefined ? `: ${messageOf(thrown.cause)}` : "";
  const words = `${messageOf(thrown)}${cause}`;
  return {
    kind: "silence",
    reason: sanitizeText(`${method} ${path} had no answer: ${words}`, { maxLength: 500 }),
    mayBeTaken: !NOT_CONNECTED.test(words),
  };
}

async function readBytes(response: Response): Promise<ReturnType<TextEncoder["encode"]>> {
  const parts: BlobPart[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    parts.push(part);
    size += part.byteLength;
    if (size > LONGEST_ANSWER) throw new RangeError(`the answer is longer than ${LONGEST_ANSWER} bytes`);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

function answerOf(
  response: Response,
  bytes: ReturnType<TextEncoder["encode"]>,
  secret: string,
  now: number,
): ApiAnswer {
  const { status, ok, headers } = response;
  const text = new TextDecoder().decode(bytes).replaceAll(secret, "[token]");
  const json = jsonOf(text);
  const isLimited = status === 429 || (status === 403 && saysLimit(headers, text));
  const waitMs = isLimited || status === 503 ? waitOf(headers, status, json, now) : undefined;
  return {
    kind: "answer",
    status,
    ok,
    json,
    text,
    bytes,
    contentType: headers.get("content-type") ?? "",
    retryAfterSeconds: waitMs === undefined ? undefined : waitMs / 1_000,
    isLimited,
  };
}

/** GitHub says 403 for its limits, and for what is forbidden. */
function saysLimit(headers: Headers, text: string): boolean {
  return headers.has("retry-after") || headers.get("x-ratelimit-remaining") === "0" ||
    /secondary rate limit|rate limit exceeded/i.test(text.slice(0, 2_000));
}

/** Vercel says it in the body alone. */
function waitOf(headers: Headers, status: number, json: unknown, now: number): number | undefined {
  const said = retryAfterOf({ headers, status }, now);
  if (said !== undefined) return said;
  const reset = valueAt(json, "error", "limit", "resetMs") ?? valueAt(json, "error", "limit", "reset");
  if (typeof reset !== "number" || !Number.isFinite(reset)) return undefined;
  return Math.max(0, (reset > 1e12 ? reset : reset * 1_000) - now);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What stands at a place of an answer; undefined when the answer is of another shape. */
export function valueAt(value: unknown, ...path: (string | number)[]): unknown {
  let at: unknown = value;
  for (const name of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string | number, unknown>)[name];
  }
  return at;
}

/** A text at a place of an answer; numbers become texts. */
export function textAt(value: unknown, ...path: (string | number)[]): string | undefined {
  const found = valueAt(value, ...path);
  if (typeof found === "number") return String(found);
  return typeof found === "string" && found !== "" ? found : undefined;
}
