/** `Deno.serve` as on the platform: where it listens is not the function's business. @module */

import { type Members, redefine } from "./files.ts";

type Handler = (request: Request, info: Deno.ServeHandlerInfo) => Response | Promise<Response>;
type ServeOptions = { handler?: unknown; onListen?: unknown; onError?: unknown };

/** Where functions listen, and who wants to know. */
export interface Serving {
  /** Left out, Deno's own default applies, which is port 8000. */
  address: { hostname: string; port: number } | undefined;
  onRequest(): void;
  onListening(port: number): void;
}

/** Replaces `Deno.serve`; of a function's options only the handler, `onListen` and `onError` count. */
export function replaceServe(deno: Members, serving: Serving): void {
  const original = Deno.serve;
  redefine(deno, "serve", (first: unknown, second: unknown) => {
    const options: ServeOptions = typeof first === "object" && first !== null ? first : {};
    const handler = [first, second, options.handler].find((part) => typeof part === "function") as
      | Handler
      | undefined;
    if (handler === undefined) throw new TypeError("A handler function must be provided.");
    const server = original({
      ...serving.address,
      onListen: (address) => callIfFunction(options.onListen, address),
      ...(typeof options.onError === "function"
        ? { onError: options.onError as (error: unknown) => Response }
        : {}),
    }, (request: Request, info: Deno.ServeHandlerInfo<Deno.NetAddr>) => {
      serving.onRequest();
      return handler(request, info);
    });
    serving.onListening(server.addr.port);
    return server;
  });
}

/** A module that exports `{ fetch }` by default is served without a call of its own. */
export async function serveDefaultExport(): Promise<void> {
  const main = await import(Deno.mainModule) as { default?: { fetch?: unknown } };
  const { fetch: handler } = main.default ?? {};
  if (typeof handler === "function") Deno.serve((request) => handler.call(main.default, request));
}

function callIfFunction(value: unknown, argument: unknown): void {
  if (typeof value === "function") value(argument);
}
