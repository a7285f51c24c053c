/** A call that the REST interface refused, with what it said and what was sent. @module */

import { isRecord } from "../core/unknownValues.ts";

/** What is known of a refused call. */
export interface FailedCall {
  method: string;
  url: URL;
  headers: Headers;
  /** The text that was sent; undefined for none. */
  body: string | undefined;
  signal: AbortSignal | undefined;
  status: number;
  /** `PGRST…`, or a SQLSTATE. */
  code: string;
  message: string;
  /** Sends it again with these changes. */
  again(send: typeof fetch, changes?: { headers?: Headers; body?: string }): Promise<Response>;
}

/** The longest answer that is looked at; the interface's own are far shorter. */
const MOST_CHARACTERS = 65_536;

/** Null for what is no call of the REST interface, or nothing that it says in its own form. */
export async function readFailedCall(
  input: RequestInfo | URL,
  init: RequestInit | undefined,
  answer: Response,
): Promise<FailedCall | null> {
  // supabase-js sends an address and its parts. Whoever sends a Request has given its body away with the first attempt.
  if (input instanceof Request || !URL.canParse(String(input))) return null;
  const url = new URL(String(input));
  const { method = "GET", body, signal } = init ?? {};
  if (!url.pathname.includes("/rest/v1/")) return null;
  if (body !== undefined && body !== null && typeof body !== "string") return null;
  const said = await readAnswer(answer);
  if (said === null) return null;
  const headers = new Headers(init?.headers);
  return {
    method: method.toUpperCase(),
    url,
    headers,
    body: body ?? undefined,
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

async function readAnswer(answer: Response): Promise<{ code: string; message: string } | null> {
  if (Number(answer.headers.get("content-length") ?? 0) > MOST_CHARACTERS) return null;
  try {
    const said: unknown = JSON.parse(await answer.clone().text());
    if (!isRecord(said) || typeof said.code !== "string") return null;
    return { code: said.code, message: typeof said.message === "string" ? said.message : "" };
  } catch {
    return null;
  }
}
