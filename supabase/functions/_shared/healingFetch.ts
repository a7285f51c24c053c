/**
 * A `fetch` for supabase-js that heals calls of the REST interface while their author waits.
 *
 * It heals what the interface refuses before it does anything, so that the same call may be sent once more whatever it
 * does: its copy of the schema is old and the catalogue is not; the names of a function's arguments are spelled
 * otherwise; a key stands where a token belongs; the session has run out and its owner has a way to a new one; no
 * connection was free. A read may also ask for a form of answer that the server does not give.
 *
 * A filter is never touched, no row is picked, no other table or function is called, and no other key is tried. At most
 * one of these is done for a call. An answer that is none of these comes back as it came, and while nothing fails there
 * is no extra round trip.
 *
 * @example
 * ```ts
 * import { createHealingFetch } from "./healingFetch.ts";
 *
 * const answers = [
 *   Response.json({ code: "PGRST003", message: "Timed out acquiring connection from connection pool." }, { status: 504 }),
 *   Response.json([{ id: 1 }]),
 * ];
 * const request = createHealingFetch({ send: () => Promise.resolve(answers.shift()!), baseDelayMs: 0 });
 * const answer = await request("https://project.supabase.co/rest/v1/items?select=id");
 * if (!answer.ok) throw new Error("unexpected");
 * ```
 *
 * @module
 */

import { systemClock } from "./core/clock.ts";
import { optionCheck } from "./core/options.ts";
import { systemRandom } from "./core/random.ts";
import { expiredToken } from "./healingFetch/expiredToken.ts";
import { type FailedCall, readFailedCall } from "./healingFetch/failedCall.ts";
import { keyAsToken } from "./healingFetch/keyAsToken.ts";
import { LastingAnswers } from "./healingFetch/lasting.ts";
import { mediaType } from "./healingFetch/mediaType.ts";
import type { HealingFetchOptions, Mend, MendContext } from "./healingFetch/mend.ts";
import { Memory } from "./healingFetch/memory.ts";
import { passing } from "./healingFetch/passing.ts";
import { staleCache } from "./healingFetch/staleCache.ts";

export type { HealingFetchOptions, MendedCall } from "./healingFetch/mend.ts";

const MENDS: readonly Mend[] = [keyAsToken, expiredToken, mediaType, passing, staleCache];

const checkOption = optionCheck("create a healing fetch");

/** Makes the `fetch`; keep one for the life of a client. Throws a `RangeError` for an option that makes no sense. */
export function createHealingFetch(options: HealingFetchOptions = {}): typeof fetch {
  const { baseDelayMs = 300 } = options;
  checkOption("baseDelayMs", baseDelayMs, Number.isFinite(baseDelayMs) && baseDelayMs >= 0, "a number >= 0");
  const send: typeof fetch = options.send ?? ((input, init) => fetch(input, init));
  const clock = options.clock ?? systemClock;
  const context: MendContext = {
    ...options,
    send,
    baseDelayMs,
    clock,
    random: options.random ?? systemRandom,
    memory: new Memory(clock),
  };
  const lasting = new LastingAnswers(clock);
  return async (input, init) => {
    const known = lasting.answerFor(input, init);
    if (known !== undefined) return known;
    const answer = await send(input, init);
    if (answer.ok) return answer;
    const failed = await readFailedCall(input, init, answer);
    if (failed === null) return answer;
    lasting.keep(failed);
    return await mend(failed, answer, context);
  };
}

async function mend(failed: FailedCall, answer: Response, context: MendContext): Promise<Response> {
  const fitting = MENDS.find((candidate) => candidate.fits(failed, context));
  if (fitting === undefined) return answer;
  try {
    const mended = await fitting.mend(failed, context);
    if (mended === null) return answer;
    await answer.body?.cancel();
    const { answer: better, by } = mended instanceof Response ? { answer: mended, by: fitting.key } : mended;
    if (better.ok) tell(context, { mend: by, method: failed.method, path: failed.url.pathname });
    return better;
  } catch {
    // The caller has stopped, or the way to a remedy is broken: what the interface said stands.
    return answer;
  }
}

function tell({ onMended }: MendContext, mended: Parameters<NonNullable<MendContext["onMended"]>>[0]): void {
  try {
    onMended?.(mended);
  } catch {
    // Whoever listens cannot break the call.
  }
}
