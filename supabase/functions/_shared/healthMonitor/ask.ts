/** One request to a provider, and what its answer says of the provider's health. @module */

import { HealingError } from "../core/errors.ts";
import type { HealthLook } from "./check.ts";

/** A request to a provider. */
export interface ProviderQuestion {
  /** For sentences. */
  provider: string;
  url: string;
  method?: "GET" | "POST";
  headers: Readonly<Record<string, string>>;
  body?: string;
  signal: AbortSignal;
  fetch: typeof fetch;
}

/** What a provider has said; the body is undefined when it is no JSON. */
export interface ProviderReply {
  status: number;
  body: unknown;
}

/** Lists of models are long. */
const MAX_BYTES = 2_000_000;

/** Asks. The words of a failed `fetch` name the address, which may hold a secret: they are not passed on. */
export async function askProvider(question: ProviderQuestion): Promise<ProviderReply> {
  const { provider, url, method = "GET", headers, body = null, signal, fetch } = question;
  try {
    // A key must not follow to wherever an answer points.
    const answer = await fetch(url, { method, headers, body, signal, redirect: "manual" });
    return { status: answer.status, body: await jsonOf(answer) };
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    throw new HealingError("UNAVAILABLE", `${provider} cannot be reached`, { cause: thrown });
  }
}

/** What is wrong whoever answers; undefined for an answer that the check itself has to read. */
export function judgeReply(provider: string, { status, body }: ProviderReply): HealthLook | undefined {
  const red = (reason: string): HealthLook => ({
    status: "unhealthy",
    reason,
    details: { http_status: status },
  });
  if (status === 401 || status === 403) return red(`${provider} refuses the key (${status})`);
  if (status === 429) return { ...red(`${provider} limits our requests (429)`), status: "degraded" };
  if (status >= 300 && status < 400) return red(`${provider} points to another address (${status})`);
  if (status < 200 || status >= 300) return red(`${provider} answered ${status}`);
  return body === undefined ? red(`${provider} answered with what is no JSON`) : undefined;
}

async function jsonOf(answer: Response): Promise<unknown> {
  const text = await beginningOf(answer);
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function beginningOf(answer: Response): Promise<string> {
  let [text, size] = ["", 0];
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) return "";
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
