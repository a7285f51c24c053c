/** Passes a call on to a function's process and its answer back, as a stream. @module */

/** A call of a function, read and checked. */
export interface FunctionCall {
  url: URL;
  method: string;
  headers: Headers;
  body: Uint8Array<ArrayBuffer> | null;
}

/** Why there is no answer. */
export type Silence = "idle" | "broken";

/** Headers that belong to one connection and not to the message. */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** Sends the call; `onDone` is called once when an answer has been read to its end or given up. */
export async function forwardCall(
  call: FunctionCall,
  port: number,
  idleMs: number,
  onDone: () => void,
): Promise<Response | Silence> {
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(), idleMs);
  try {
    const response = await fetch(targetOf(call.url, port), {
      method: call.method,
      headers: headersOf(call),
      body: call.body,
      redirect: "manual",
      signal: idle.signal,
    });
    return passedOn(response, call.method, onDone);
  } catch {
    return idle.signal.aborted ? "idle" : "broken";
  } finally {
    clearTimeout(timer);
  }
}

/** The platform shows a function its path without `/functions/v1`. */
function targetOf(url: URL, port: number): string {
  return `http://127.0.0.1:${port}${url.pathname.replace(/^\/functions\/v1/, "")}${url.search}`;
}

function headersOf({ headers, url }: FunctionCall): Headers {
  const passed = new Headers(headers);
  for (const name of [...HOP_BY_HOP, "host", "content-length"]) passed.delete(name);
  // Compressing between two processes of one machine would only cost time.
  passed.set("accept-encoding", "identity");
  passed.set("x-forwarded-host", url.hostname);
  passed.set("x-forwarded-port", url.port || (url.protocol === "https:" ? "443" : "80"));
  passed.set("x-forwarded-proto", url.protocol.slice(0, -1));
  return passed;
}

function passedOn(response: Response, method: string, onDone: () => void): Response {
  const headers = new Headers(response.headers);
  for (const name of HOP_BY_HOP) headers.delete(name);
  // Our own server counts what it sends; to a HEAD the number is the answer.
  if (method !== "HEAD") headers.delete("content-length");
  if (response.status >= 500 && !headers.has("sb-error-code")) {
    headers.set("sb-error-code", "EDGE_FUNCTION_ERROR");
  }
  const body = watched(response.body, onDone);
  return new Response(body, { status: response.status, statusText: response.statusText, headers });
}

function watched(
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  onDone: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> | null {
  if (body === null) {
    onDone();
    return null;
  }
  const reader = body.getReader();
  let isDone = false;
  function finish(): void {
    if (!isDone) onDone();
    isDone = true;
  }
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      finish();
    },
    async cancel(reason) {
      finish();
      await reader.cancel(reason);
    },
  });
}
