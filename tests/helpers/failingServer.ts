/** A local HTTP server that answers as a test says, and counts what it was asked. @module */

/** What a test says about one request. */
export type Answer = (request: Request, count: number) => Response | Promise<Response>;

/** A server that runs until the test ends. */
export interface FailingServer extends AsyncDisposable {
  readonly url: string;
  /** Requests so far, by path. */
  readonly requests: Map<string, number>;
  /** When each request came, by the monotonic clock, in order. */
  readonly arrivals: number[];
}

/** Starts a server on a free port; without an answer of its own it says 503 to everybody. */
export function startFailingServer(answer: Answer = unavailable): FailingServer {
  const requests = new Map<string, number>();
  const arrivals: number[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    const count = (requests.get(pathname) ?? 0) + 1;
    requests.set(pathname, count);
    arrivals.push(performance.now());
    return answer(request, count);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests,
    arrivals,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Asks for a URL as a careful client does: an answer that is not good is an error with its status and headers. */
export async function ask(url: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (response.ok) return text;
  throw Object.assign(new Error(`the service answered ${response.status}`), {
    status: response.status,
    headers: response.headers,
  });
}

function unavailable(): Response {
  return new Response("busy", { status: 503 });
}
