/** The interface had no connection or no schema for a moment. @module */

import type { FailedCall } from "./failedCall.ts";
import { type Mend, pauseBefore } from "./mend.ts";

/** Repetitions in all: with the first call as many as any layer makes. */
const MOST = 2;
/** What supabase-js sends again by itself when a read meets it. */
const REPEATED_BY_CLIENT: ReadonlySet<number> = new Set([503, 520]);

/** The mend `passing`: a write only where nothing was done, a read also where it may have been. */
export const passing: Mend = {
  key: "passing",
  fits: mayRepeat,
  async mend(failed, context) {
    let answer: Response | null = null;
    for (let repetition = 1; repetition <= MOST; repetition++) {
      await context.clock.sleep(pauseBefore(repetition, context), failed.signal);
      await answer?.body?.cancel();
      answer = await failed.again(context.send);
      if (!await isSameTrouble(answer)) return answer;
    }
    return answer;
  },
};

function mayRepeat({ method, status, code }: FailedCall): boolean {
  const isRead = method === "GET" || method === "HEAD";
  if (isRead && REPEATED_BY_CLIENT.has(status)) return false;
  // Without a connection, or without a schema, no statement was begun.
  return /^PGRST00[23]$/.test(code) || (isRead && code === "PGRST001");
}

async function isSameTrouble(answer: Response): Promise<boolean> {
  return !answer.ok && /"code":\s*"PGRST00[0-3]"/.test(await answer.clone().text());
}
