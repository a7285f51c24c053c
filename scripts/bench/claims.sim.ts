/**
 * How fast open errors are claimed and finished by eight workers, against pg-boss's fetch and complete: same server, same
 * run, same batch, the same payload, both over pg. The two take turns, and the ratio of their medians is what counts.
 *
 * No table is emptied in between: each keeps what it keeps by itself. Each error has to be handled once, and by whoever
 * holds its claim; that is counted here too.
 *
 * @module
 */

import { type Finding, quantileOf, reportFindings } from "../lib/simulation.ts";
import { emptying, openQueues, type Queue, WORKERS } from "./contests/queues.ts";
import { takeTurns } from "./contests/takeTurns.ts";

/** How large the comparison is. */
export interface ClaimsSize {
  errors: number;
  rounds: number;
  batches: readonly number[];
}

const FULL_SIZE: ClaimsSize = { errors: 10_000, rounds: 5, batches: [50, 200] };
const AT_LEAST_AS_FAST = { atLeast: 1 };

async function compare(
  own: Queue,
  peer: Queue,
  batch: number,
  { errors, rounds }: ClaimsSize,
): Promise<Finding[]> {
  let [wrong, fills] = [0, 0];
  const empty = (queue: Queue) => emptying(queue, `${batch} ${fills++}`, { jobs: errors, batch });
  const times = await takeTurns({
    peer: async () => (await empty(peer)).msPerJob,
    own: async () => {
      const result = await empty(own);
      wrong += result.wrong;
      return result.msPerJob;
    },
  }, { rounds, warmUp: 0 });
  const [mine, others] = [1_000 / quantileOf(times.own, 0.5), 1_000 / quantileOf(times.peer, 0.5)];
  const scenario = `${errors} errors, ${WORKERS} workers, batches of ${batch}`;
  return [
    { scenario, figure: "errors a second", value: mine, runs: rounds },
    { scenario, figure: "pg-boss: jobs a second", value: others, runs: rounds },
    { scenario, figure: "ratio", value: mine / others, bound: AT_LEAST_AS_FAST, runs: rounds },
    { scenario, figure: "handled not exactly once", value: wrong, bound: { atMost: 0 }, runs: rounds },
  ];
}

/** Both contestants on one server, for each size of a batch. */
export async function simulateClaims(size: ClaimsSize): Promise<Finding[]> {
  await using queues = await openQueues();
  const findings: Finding[] = [];
  for (const batch of size.batches) findings.push(...await compare(queues.own, queues.pgBoss, batch, size));
  return findings;
}

if (import.meta.main) reportFindings(await simulateClaims(FULL_SIZE));
