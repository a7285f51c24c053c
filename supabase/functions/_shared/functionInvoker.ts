/** Calls edge functions of the project: for a test, or again for a queued operation under the role of its first caller. @module */

import { HealingError } from "./core/errors.ts";
import type { PlatformSettings } from "./core/settings.ts";
import type { ClaimedOperation } from "./healingDb.ts";
import { tracedFetch } from "./tracing.ts";

const TIMEOUT_MS = 30_000;
/** Longest answer that is read, in characters. */
const LONGEST_ANSWER = 1_000_000;

/** One call of a function of the project, as a machine or as nobody. */
export interface FunctionCall {
  name: string;
  body: unknown;
  role: "anon" | "service_role";
  headers?: Record<string, string>;
  signal: AbortSignal;
}

/** Calls a function; rejects when no answer came. */
export type FunctionCaller = (call: FunctionCall) => Promise<{ status: number; body: string }>;

/** Makes the caller; undefined when the project's address or a key is not set. */
export function createFunctionCaller(
  settings: PlatformSettings,
  request?: typeof fetch,
): FunctionCaller | undefined {
  const { url, publishableKey, secretKeys } = settings;
  if (url === undefined || publishableKey === undefined || secretKeys[0] === undefined) return undefined;
  const send = tracedFetch(request);
  const keyOf = { anon: publishableKey, service_role: secretKeys[0] };
  return async ({ name, body, role, headers, signal }) => {
    const answer = await send(`${url}/functions/v1/${encodeURIComponent(name)}`, {
      method: "POST",
      headers: { "content-type": "application/json", apikey: keyOf[role], ...headers },
      body: JSON.stringify(body),
      signal,
    });
    return { status: answer.status, body: await readStart(answer) };
  };
}

/** The beginning of an answer; what is longer is not waited for. */
async function readStart(answer: Response): Promise<string> {
  let text = "";
  for await (const part of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part;
    if (text.length >= LONGEST_ANSWER) break;
  }
  return text.slice(0, LONGEST_ANSWER);
}

/** Makes the invoker; undefined when the project's address or a key is not set. */
export function createInvoker(
  settings: PlatformSettings,
  request?: typeof fetch,
): ((operation: ClaimedOperation) => Promise<{ status: number; body: string }>) | undefined {
  const callFunction = createFunctionCaller(settings, request);
  if (callFunction === undefined) return undefined;
  return async (operation) => {
    if (operation.caller_role === "authenticated") {
      throw new HealingError(
        "FORBIDDEN",
        "An operation of a person cannot be made again without that person",
      );
    }
    const { status, body } = await callFunction({
      name: operation.target,
      body: operation.payload,
      role: operation.caller_role,
      headers: { "idempotency-key": operation.idempotency_key, "x-healing-replay": operation.id },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status, body: body.slice(0, 1_000) };
  };
}
