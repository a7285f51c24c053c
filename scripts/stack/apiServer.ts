/** Listens for the gateway. @module */

import { HealingError, messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import type { Gateway } from "./gateway.ts";

/** A server whose gateway may be given to it later; until then callers wait. */
export interface ApiServer {
  /** For example `http://127.0.0.1:54321`. */
  readonly url: string;
  serve(gateway: Gateway): void;
  /** Lets running requests end, for a while, and closes. */
  stop(): Promise<void>;
}

/** How long requests may go on after the stack was asked to stop. */
const STOP_PATIENCE_MS = 3_000;

/** Listens on this machine only; port 0 takes a free one. */
export function startApiServer(port: number): ApiServer {
  const { promise: ready, resolve } = Promise.withResolvers<Gateway>();
  const abort = new AbortController();
  const server = listen(port, abort.signal, async (request) => (await ready)(request));
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    serve: resolve,
    stop: async () => {
      const timer = setTimeout(() => abort.abort(), STOP_PATIENCE_MS);
      await Promise.race([server.shutdown(), server.finished]);
      clearTimeout(timer);
    },
  };
}

function listen(port: number, signal: AbortSignal, handler: Gateway): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname: "127.0.0.1", port, signal, onListen: () => {} }, handler);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new HealingError("CONFLICT", `Port ${port} is taken, so the API cannot listen on it.`, {
        hint: "Stop the program that uses it, or choose another port (--port <number>, 0 takes a free one).",
        details: { problem: "port_taken", port },
      });
    }
    throw new HealingError("UNAVAILABLE", `The API cannot listen on port ${port}: ${messageOf(error)}`, {
      hint: "Choose another port (--port <number>, 0 takes a free one).",
      details: { problem: "port_refused", port },
      cause: error,
    });
  }
}
