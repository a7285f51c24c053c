/** A TCP proxy in front of a server, for networks that break in the middle of a conversation. @module */

/** What a proxy does with a piece of a conversation. */
export type Passage =
  /** Hands it on. */
  | "pass"
  /** Swallows it and cuts both ends. */
  | "cut"
  /** Hands it on, then hands nothing back, and cuts both ends when the server has answered. */
  | "cutAnswer";

/** A proxy that listens on a port of its own. */
export interface TcpProxy extends Disposable {
  readonly port: number;
  /** Asked for each piece that a client sends; `pass` at first. */
  decide: (piece: Uint8Array) => Passage;
  /** True while new connections are refused. */
  isClosed: boolean;
  /** Cuts every open conversation. */
  cutAll(): void;
}

/** Starts a proxy in front of `127.0.0.1:port`. */
export function startTcpProxy(port: number): TcpProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const proxy: TcpProxy = {
    port: (listener.addr as Deno.NetAddr).port,
    decide: () => "pass",
    isClosed: false,
    cutAll: () => [...open].forEach(cut),
    [Symbol.dispose]() {
      listener.close();
      proxy.cutAll();
    },
  };
  void accept();
  return proxy;

  async function accept() {
    for await (const client of listener) {
      if (proxy.isClosed) client.close();
      else void converse(client);
    }
  }

  async function converse(client: Deno.Conn) {
    open.add(client);
    const server = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => undefined);
    if (server === undefined) return cut(client);
    open.add(server);
    let isMute = false;
    const end = () => [client, server].forEach(cut);
    const toServer = pump(client, async (piece) => {
      const passage = proxy.decide(piece);
      if (passage === "cut") return end();
      isMute ||= passage === "cutAnswer";
      await write(server, piece);
    });
    const toClient = pump(server, async (piece) => isMute ? end() : await write(client, piece));
    await Promise.allSettled([toServer, toClient]);
    end();
  }

  function cut(connection: Deno.Conn) {
    if (!open.delete(connection)) return;
    try {
      connection.close();
    } catch {
      // The other side was faster.
    }
  }
}

async function pump(from: Deno.Conn, use: (piece: Uint8Array) => Promise<void> | void): Promise<void> {
  const buffer = new Uint8Array(65_536);
  for (let size = await from.read(buffer); size !== null; size = await from.read(buffer)) {
    await use(buffer.slice(0, size));
  }
}

async function write(to: Deno.Conn, piece: Uint8Array): Promise<void> {
  for (let done = 0; done < piece.length;) done += await to.write(piece.subarray(done));
}
