/** A call that the REST interface or storage refused, with what it said and what was sent. @module */

import { isRecord } from "../core/unknownValues.ts";

/** What is known of a refused call. */
export interface FailedCall {
  method: string;
  url: URL;
  headers: Headers;
  /** Who refused. */
  service: "rest" | "storage";
  /** The text that was sent; undefined for none, and for a file. */
  body: string | undefined;
  signal: AbortSignal | undefined;
  status: number;
  /** `PGRST…`, a SQLSTATE, or storage's own. */
  code: string;
  message: string;
  details: string;
  /** Sends it again with these changes. */
  again(send: typeof fetch, changes?: { headers?: Headers; body?: string }): Promise<Response>;
}

/** The longest answer that is looked at; the interface's own are far shorter. */
const MOST_CHARACTERS = 65_536;

/** Null for calls of other services, for what is not said in their own form, and for a body that is gone. */
export async function readFailedCall(
  input: RequestInfo | URL,
  init: RequestInit | undefined,
  answer: Response,
): Promise<FailedCall | null> {
  // supabase-js sends an address and its parts. Whoever sends a Request has given its body away with the first attempt.
  if (input instanceof Request || !URL.canParse(String(input))) return null;
  const url = new URL(String(input));
  const { method = "GET", body, signal } = init ?? {};
  const service = /\/(rest|storage)\/v1\//.exec(url.pathname)?.[1] as FailedCall["service"] | undefined;
  if (service === undefined || body instanceof ReadableStream) return null;
  const said = await readAnswer(answer);
  if (said === null) return null;
  const headers = new Headers(init?.headers);
  return {
    method: method.toUpperCase(),
    url,
    headers,
    service,
    body: typeof body === "string" ? body : undefined,
    signal: signal ?? undefined,
    status: answer.status,
    ...said,
    again: (send, changes = {}) =>
      send(input, {
        ...init,
        headers: changes.headers ?? headers,
        ...(changes.body === undefined ? {} : { body: changes.body }),
      }),
  };
}

async function readAnswer(
  answer: Response,
): Promise<Pick<FailedCall, "code" | "message" | "details"> | null> {
  if (Number(answer.headers.get("content-length") ?? 0) > MOST_CHARACTERS) return null;
  try {
    const said: unknown = JSON.parse(await answer.clone().text());
    if (!isRecord(said)) return null;
    const [code, message, details] = [said.code ?? said.error, said.message, said.details].map(textOf);
    return code === "" ? null : { code: code!, message: message!, details: details! };
  } catch {
    return null;
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
