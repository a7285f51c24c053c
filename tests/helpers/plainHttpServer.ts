/**
 * A small HTTP/1.1 server on a bare socket, one request a connection, that always notices when its client goes.
 *
 * `Deno.serve` does not for a request whose body is longer than a few hundred bytes, and cannot break a connection in
 * the middle of an answer.
 *
 * @module
 */

/** A request, read whole. */
export interface PlainRequest {
  method: string;
  path: string;
  headers: Headers;
  body: string;
  /** The body as it came: a file need not be a text. */
  bytes: Uint8Array;
  /** Aborted when the client goes before it has the whole answer. */
  signal: AbortSignal;
}

/** Answers; an answer whose body fails breaks the connection there. */
export type PlainHandler = (request: PlainRequest) => Response | Promise<Response>;

const encoder = new TextEncoder();
const HEAD_END = "\r\n\r\n";

/** The server; it ends with its disposal, and so do its connections. */
export class PlainHttpServer implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #running = new Set<Promise<void>>();
  readonly #connections = new Set<Deno.TcpConn>();
  readonly #accepting: Promise<void>;

  constructor(private readonly handle: PlainHandler) {
    this.#accepting = this.#accept();
  }

  /** The port of this machine that it listens on. */
  get port(): number {
    return this.#listener.addr.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections) close(connection);
    await this.#accepting;
    await Promise.all(this.#running);
  }

  async #accept(): Promise<void> {
    try {
      for await (const connection of this.#listener) {
        this.#connections.add(connection);
        const serving = this.#serve(connection).catch(() => {}).finally(() => {
          close(connection);
          this.#connections.delete(connection);
          this.#running.delete(serving);
        });
        this.#running.add(serving);
      }
    } catch {
      // Closed while it waited for the next one.
    }
  }

  async #serve(connection: Deno.TcpConn): Promise<void> {
    const request = await readRequest(connection);
    if (request === undefined) return;
    const gone = new AbortController();
    const watching = watch(connection, gone);
    const left = new Promise<undefined>((resolve) =>
      gone.signal.addEventListener("abort", () => resolve(undefined))
    );
    const response = await Promise.race([this.handle({ ...request, signal: gone.signal }), left]);
    if (response !== undefined) await send(connection, response, gone.signal);
    close(connection);
    await watching;
  }
}

/** Reads on, since only a read tells that the other side is gone. */
async function watch(connection: Deno.TcpConn, gone: AbortController): Promise<void> {
  const buffer = new Uint8Array(1_024);
  try {
    while (await connection.read(buffer) !== null);
    gone.abort();
  } catch (error) {
    // This side closed it after the answer, or the other side broke it.
    if (!(error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted)) gone.abort();
  }
}

async function readRequest(connection: Deno.TcpConn): Promise<Omit<PlainRequest, "signal"> | undefined> {
  let text = "";
  const buffer = new Uint8Array(65_536);
  const more = async () => {
    const count = await connection.read(buffer);
    // One unit a byte; the decoder that is called "latin1" is another one, and changes 27 of them.
    if (count !== null) {
      text += buffer.subarray(0, count).reduce((all, byte) => all + String.fromCharCode(byte), "");
    }
    return count !== null;
  };
  while (!text.includes(HEAD_END)) if (!await more()) return undefined;
  const end = text.indexOf(HEAD_END);
  const [start = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = new Headers(lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  }));
  const bodyStart = end + HEAD_END.length;
  const length = Number(headers.get("content-length") ?? 0);
  while (text.length < bodyStart + length) if (!await more()) return undefined;
  const bytes = Uint8Array.from(text.slice(bodyStart), (unit) => unit.charCodeAt(0));
  const [method = "", path = ""] = start.split(" ");
  return { method, path, headers, body: new TextDecoder().decode(bytes), bytes };
}

async function send(connection: Deno.TcpConn, response: Response, gone: AbortSignal): Promise<void> {
  const { status, statusText, headers, body } = response;
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const framing = "transfer-encoding: chunked\r\nconnection: close\r\n";
  await write(connection, encoder.encode(`HTTP/1.1 ${status} ${statusText}\r\n${lines}${framing}\r\n`));
  const reader = body?.getReader();
  gone.addEventListener("abort", () => void reader?.cancel().catch(() => {}));
  for (let chunk = await reader?.read(); chunk?.value !== undefined; chunk = await reader?.read()) {
    if (chunk.value.byteLength === 0) continue;
    await write(connection, encoder.encode(`${chunk.value.byteLength.toString(16)}\r\n`));
    await write(connection, chunk.value);
    await write(connection, encoder.encode("\r\n"));
  }
  await write(connection, encoder.encode("0\r\n\r\n"));
}

async function write(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.byteLength;) sent += await connection.write(bytes.subarray(sent));
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // Closed before.
  }
}

/** The value that a body says in JSON; undefined when it says none. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
