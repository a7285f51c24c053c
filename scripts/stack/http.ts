/** Small parts that every door of the gateway shares: answers, bodies, cross-origin headers. @module */

/** The headers that let a browser of any origin read an answer. */
export const CORS_HEADERS: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers":
    "authorization, x-client-info, apikey, content-type, x-retry-count, traceparent, tracestate, baggage, " +
    "accept, prefer, range, accept-profile, content-profile, x-supabase-api-version, x-region",
  "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
  "access-control-expose-headers":
    "content-range, content-length, content-type, sb-error-code, x-supabase-api-version, proxy-status",
  "access-control-max-age": "3600",
};

/** Statuses that must not carry a body. */
const BODYLESS = new Set([101, 204, 205, 304]);

/** An answer with JSON and cross-origin headers. */
export function jsonResponse(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return textResponse(status, body === undefined ? null : JSON.stringify(body), headers);
}

/** Like {@link jsonResponse}, for JSON that is text already. */
export function textResponse(
  status: number,
  body: string | null,
  headers: Record<string, string> = {},
): Response {
  const bare = body === null || BODYLESS.has(status);
  const type: Record<string, string> = bare ? {} : { "content-type": "application/json; charset=utf-8" };
  return new Response(bare ? null : body, { status, headers: { ...CORS_HEADERS, ...type, ...headers } });
}

/** The answer to a browser that asks what it may send. */
export function preflightResponse(): Response {
  return new Response(null, { status: 204, headers: CORS_HEADERS });
}

/** Reads a body up to a limit; undefined when it is longer. The rest is not read. */
export async function readBody(
  request: Request,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (request.body === null) return new Uint8Array();
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) {
    await request.body.cancel();
    return undefined;
  }
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of request.body) {
    length += chunk.byteLength;
    // Leaving the loop cancels the stream.
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** Decodes UTF-8; undefined when the bytes are not UTF-8. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The parts of a path, decoded; undefined when it cannot be decoded. */
export function pathParts(pathname: string): string[] | undefined {
  try {
    return pathname.split("/").filter((part) => part !== "").map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
