/**
 * What supabase-js sends again by itself and must not: behind 503 and 520 it repeats a read three times, whatever the answer
 * says. A failure that lasts is answered from here instead.
 *
 * @module
 */

import type { Clock } from "../core/clock.ts";
import { part } from "../core/unknownValues.ts";
import type { FailedCall } from "./failedCall.ts";

/** Longer than the client's own pauses together. */
const KEPT_MS = 30_000;
const MOST_KEPT = 50;

/** A full disk and a limit of the configuration do not pass, though they come with 503. */
const LASTING_CODES = /^(?:53100|53400)$/;
/** What passes behind a connection that could not be made; without such words it is the address that is wrong. */
const PASSES =
  /refused|reset|timed? ?out|terminat|start(?:ing|s) up|shut(?:ting)? ?down|recovery|too many|unreachable/i;

/** Answers that last, by the read that got them. */
export class LastingAnswers {
  readonly #kept = new Map<string, { text: string; status: number; until: number }>();

  constructor(private readonly clock: Clock) {}

  /** The answer that a repetition of the client's own would get. */
  answerFor(input: RequestInfo | URL, init: RequestInit | undefined): Response | undefined {
    const headers = init?.headers;
    if (headers === undefined || !new Headers(headers).has("x-retry-count")) return undefined;
    const known = this.#kept.get(keyOf(String(part(input, "url") ?? input), new Headers(headers)));
    if (known === undefined || known.until < this.clock.monotonic()) return undefined;
    return new Response(known.text, {
      status: known.status,
      headers: { "content-type": "application/json" },
    });
  }

  /** Keeps an answer, if it lasts and the client would repeat the call. */
  keep({ url, headers, status, code, message, details }: FailedCall): void {
    const lasts = LASTING_CODES.test(code) || (code === "PGRST000" && !PASSES.test(details));
    if (!lasts || (status !== 503 && status !== 520)) return;
    const text = JSON.stringify({ code, message, details, hint: null });
    this.#kept.set(keyOf(url.href, headers), { text, status, until: this.clock.monotonic() + KEPT_MS });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT) this.#kept.delete(oldest!);
  }
}

function keyOf(url: string, headers: Headers): string {
  return JSON.stringify([url, headers.get("authorization"), headers.get("apikey")]);
}
