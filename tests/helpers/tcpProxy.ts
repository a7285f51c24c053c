/** A TCP proxy in front of a server, for networks that break in the middle of a conversation. @module */

/** What a proxy does with a piece of a conversation. */
export type Passage =
  /** Hands it on. */
  | "pass"
  /** Swallows it and cuts both ends. */
  | "cut"
  /** Hands it on, then hands nothing back, and cuts both ends when the server has answered. */
  | "cutAnswer"
  /** Swallows it and everything after it, both ways, and cuts nothing: half-open, as when a router forgets. */
  | "swallow";

/** A proxy that listens on a port of its own. */
export class TcpProxy implements Disposable {
  /** Asked for each piece that a client sends; `pass` at first. */
  decide: (piece: Uint8Array) => Passage = () => "pass";
  /** True while new connections are refused. */
  isClosed = false;
  /** How long each piece is held up, either way. */
  delayMs = 0;
  /** True while conversations end with a reset instead of a farewell. */
  isResetting = false;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.Conn>();

  /** Starts in front of `127.0.0.1:port`. */
  constructor(private readonly target: number) {
    void this.#accept();
  }

  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  /** Cuts every open conversation. */
  cutAll(): void {
    for (const connection of [...this.#open]) this.#cut(connection);
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    this.cutAll();
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      if (this.isClosed) client.close();
      else void this.#converse(client);
    }
  }

  async #converse(client: Deno.Conn): Promise<void> {
    this.#open.add(client);
    const server = await Deno.connect({ hostname: "127.0.0.1", port: this.target }).catch(() => undefined);
    if (server === undefined) return this.#cut(client);
    this.#open.add(server);
    const state = { isMute: false, isDead: false };
    const end = () => [client, server].forEach((connection) => this.#cut(connection));
    const toServer = this.#pump(client, end, async (piece) => {
      const passage = this.decide(piece);
      if (passage === "cut") return end();
      state.isMute ||= passage === "cutAnswer";
      state.isDead ||= passage === "swallow";
      if (!state.isDead) await write(server, piece);
    });
    const toClient = this.#pump(server, end, async (piece) => {
      if (state.isMute) end();
      else if (!state.isDead) await write(client, piece);
    });
    // Whoever leaves, the other side hears of it, as it would without a proxy.
    await Promise.allSettled([toServer.finally(end), toClient.finally(end)]);
  }

  async #pump(
    from: Deno.Conn,
    end: () => void,
    use: (piece: Uint8Array) => Promise<void> | void,
  ): Promise<void> {
    const buffer = new Uint8Array(65_536);
    for (;;) {
      // The system answers with a reset when a socket is closed that holds something unread.
      const size = await from.read(this.isResetting ? buffer.subarray(0, 1) : buffer);
      if (size === null) return;
      if (this.isResetting) return end();
      if (this.delayMs > 0) await delay(this.delayMs);
      await use(buffer.slice(0, size));
    }
  }

  #cut(connection: Deno.Conn): void {
    if (!this.#open.delete(connection)) return;
    try {
      connection.close();
    } catch {
      // The other side was faster.
    }
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function write(to: Deno.Conn, piece: Uint8Array): Promise<void> {
  for (let done = 0; done < piece.length;) done += await to.write(piece.subarray(done));
}
