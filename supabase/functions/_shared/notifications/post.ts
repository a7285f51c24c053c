/**
 * One request to a provider, and what its end means.
 *
 * The words of a failed `fetch` name the address, which is a secret of Slack's and may be one of a webhook: they are
 * looked at and never passed on. Answers are read up to 2,000 characters.
 *
 * @module
 */

import { messageOf } from "../core/errors.ts";
import type { NotificationOutcome } from "../healingDb.ts";
import { retryAfterOf } from "../retry.ts";
import { plainLine } from "./text.ts";

/** A request, and who is asked. */
export interface ProviderRequest {
  provider: string;
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  signal: AbortSignal;
  fetch: typeof fetch;
  /** The wall clock, for answers that name a time. */
  now: number;
}

/** What a provider has said. */
export interface ProviderAnswer {
  status: number;
  /** At most 2,000 characters; it is foreign text. */
  text: string;
  /** How long the provider asks to be left alone. */
  afterMs: number | undefined;
}

const MAX_ANSWER = 2_000;
/** Failures to connect: nothing was sent. Every other failure may have come after the request. */
const NOT_CONNECTED =
  /client error \(connect\)|tcp connect|dns error|connection refused|port \d+ (?:is|are) blocked/i;

/** Asks; `judge` says what an answer that is neither a passing trouble nor a success means. */
export async function postToProvider(
  request: ProviderRequest,
  judge: (answer: ProviderAnswer) => NotificationOutcome,
): Promise<NotificationOutcome> {
  let answer: ProviderAnswer;
  try {
    answer = await ask(request);
  } catch (thrown) {
    const { provider, signal } = request;
    if (NOT_CONNECTED.test(wordsOf(thrown))) {
      return { kind: "retry", reason: `${provider} cannot be reached` };
    }
    return {
      kind: "unknown",
      reason: signal.aborted ? `${provider} did not answer in time` : `the connection to ${provider} broke`,
    };
  }
  return judgePassing(request.provider, answer) ?? judge(answer);
}

/** Newer runtimes say what went wrong in the cause. */
function wordsOf(thrown: unknown): string {
  return `${messageOf(thrown)} ${
    thrown instanceof Error && thrown.cause !== undefined ? messageOf(thrown.cause) : ""
  }`;
}

async function ask({ url, headers, body, signal, fetch, now }: ProviderRequest): Promise<ProviderAnswer> {
  // A key must not follow to wherever an answer points.
  const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "manual" });
  return {
    status: response.status,
    text: await beginningOf(response),
    afterMs: retryAfterOf(response, now),
  };
}

async function beginningOf(response: Response): Promise<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    text += part.value;
    if (text.length > MAX_ANSWER) break;
  }
  await reader?.cancel();
  return text.slice(0, MAX_ANSWER);
}

/** 429 says that nothing was taken, and so does 503; another 5xx does not say. */
function judgePassing(
  provider: string,
  { status, afterMs }: ProviderAnswer,
): NotificationOutcome | undefined {
  if (status === 429 || status === 503) {
    return { kind: "retry", reason: `${provider} answered ${status}`, afterMs };
  }
  if (status >= 500 || status === 408) return { kind: "unknown", reason: `${provider} answered ${status}` };
  if (status >= 300 && status < 400) {
    return {
      kind: "channel_refused",
      reason: `${provider} points to another address (${status}), which is not followed`,
    };
  }
  return undefined;
}

/** A sentence about a refusal; the provider's own words are foreign text, and short. */
export function refusal(provider: string, status: number, words: string): string {
  return `${provider} answered ${status}: ${plainLine(words, 200)}`;
}
