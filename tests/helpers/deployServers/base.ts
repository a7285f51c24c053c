/** What the servers of all providers share: the token, and what a test does to single requests. @module */

import { jsonIn, PlainHttpServer, type PlainRequest } from "../plainHttpServer.ts";

/** The token that every server knows. */
export const DEPLOY_TOKEN = "a-deploy-token-of-some-length";

/** What happens to one request; `take` does what the server would do by itself. */
export type Behaviour = (take: () => Response | Promise<Response>) => Response | Promise<Response>;

/** A request as a server of a provider sees it. */
export interface ProviderRequest extends PlainRequest {
  url: URL;
  json: Record<string, unknown>;
}

interface Rule {
  start: string;
  behaviour: Behaviour;
  times: number;
}

/** A server of a provider. */
export abstract class DeployServer implements AsyncDisposable {
  /** What was asked, as `POST /path`, in order. */
  readonly asked: string[] = [];
  readonly requests: ProviderRequest[] = [];
  readonly #rules: Rule[] = [];
  readonly #server = new PlainHttpServer((request) => this.#answer(request));

  /** Its address. */
  get base(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  /** Does something else to the next request whose method and path begin so. */
  once(start: string, behaviour: Behaviour, times = 1): void {
    this.#rules.push({ start, behaviour, times });
  }

  /** How often something was asked whose method and path begin so. */
  countOf(start: string): number {
    return this.asked.filter((line) => line.startsWith(start)).length;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server[Symbol.asyncDispose]();
  }

  /** Whether a request comes from somebody who knows the token. */
  protected mayAsk({ headers }: ProviderRequest): boolean {
    return headers.get("authorization") === `Bearer ${DEPLOY_TOKEN}`;
  }

  /** What the provider says to a stranger. */
  protected abstract stranger(): Response;

  /** What the provider does. */
  protected abstract take(request: ProviderRequest): Response | Promise<Response>;

  #answer(request: PlainRequest): Response | Promise<Response> {
    const url = new URL(request.path, this.base);
    const json = (jsonIn(request.body) ?? {}) as Record<string, unknown>;
    const whole = { ...request, url, json };
    const line = `${request.method} ${request.path}`;
    this.asked.push(line);
    this.requests.push(whole);
    const take = () => this.mayAsk(whole) ? this.take(whole) : this.stranger();
    const rule = this.#rules.find(({ start, times }) => times > 0 && line.startsWith(start));
    if (rule === undefined) return take();
    rule.times--;
    return rule.behaviour(take);
  }
}

/** Another answer; nothing is taken. */
export function answersInstead(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Behaviour {
  return () => new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers });
}

/** Takes it, and answers something else. */
export function takesAndAnswers(status: number, body: unknown): Behaviour {
  return async (take) => {
    await take();
    return new Response(JSON.stringify(body), { status });
  };
}

/** Takes it, and breaks the connection without a word. */
export function losesAnswer(): Behaviour {
  return async (take) => {
    await take();
    throw new Error("the connection breaks here");
  };
}

/** Breaks the connection, and takes nothing. */
export function breaksOff(): Behaviour {
  return () => {
    throw new Error("the connection breaks here");
  };
}

/** Takes it, and never answers. */
export function hangs(): Behaviour {
  return async (take) => {
    await take();
    return await new Promise<Response>(() => {});
  };
}
