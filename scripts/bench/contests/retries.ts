/** Retries around a call that costs nothing, ours and cockatiel's. @module */

import { ConstantBackoff, handleAll, retry } from "../../../supabase/functions/_shared/bulkhead/cockatiel.ts";
import { retryWithBackoff } from "../../../supabase/functions/_shared/retry.ts";
import { type ContestGroup, runContest } from "./contest.ts";
import { timedMany } from "./takeTurns.ts";

const CALLS = 2_000;
const FAILING_CALLS = 20;
const ROUNDS = 200;
const PEER = "cockatiel 4.0.0";

const answer = Promise.resolve("ok");
const busy = Object.assign(new Error("busy"), { status: 503 });

function call(): Promise<string> {
  return answer;
}

/** Fails twice, then answers, and again. */
function recovering(): () => Promise<string> {
  let calls = 0;
  return () => ++calls % 3 === 0 ? answer : Promise.reject(busy);
}

/** What retrying adds to a call that succeeds, and to one that succeeds at the third attempt, its pauses of 1 ms included. */
export const retryContests: ContestGroup = {
  name: "retry",
  async run({ rounds }) {
    const peer = retry(handleAll, { maxAttempts: 2, backoff: new ConstantBackoff(1) });
    const limits = { rounds: Math.min(rounds, ROUNDS), warmUp: Math.min(rounds, 10) };
    const few = { rounds: Math.min(rounds, ROUNDS / 5), warmUp: 1 };
    const [own, other] = [recovering(), recovering()];
    // Full jitter draws a pause from nothing to its bound; this one always draws a millisecond.
    const options = { baseDelayMs: 1, maxDelayMs: 1, random: { next: () => 0.999, uuid: () => "" } };
    return [
      ...await runContest({
        what: "retry of a call that succeeds at once",
        ours: { name: "retryWithBackoff", side: timedMany(CALLS, () => retryWithBackoff(call)) },
        peers: { [PEER]: timedMany(CALLS, () => peer.execute(call)) },
        bare: timedMany(CALLS, call),
        inReadme: [PEER],
      }, limits),
      ...await runContest({
        what: "retry of a call that succeeds the third time, pauses of 1 ms",
        ours: {
          name: "retryWithBackoff",
          side: timedMany(FAILING_CALLS, () => retryWithBackoff(own, options)),
        },
        peers: { [PEER]: timedMany(FAILING_CALLS, () => peer.execute(other)) },
      }, few),
    ];
  },
};
