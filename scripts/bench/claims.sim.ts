/**
 * How fast open errors are claimed and finished by eight workers, against pg-boss's fetch and complete: same server, same
 * run, same batch, the same payload, both over pg. The two take turns, and the ratio of their medians is what counts.
 *
 * Each error has to be handled once, and by whoever holds its claim; that is counted here too.
 *
 * @module
 */

import {
  type CapturedError,
  captureErrors,
  type ClaimedError,
  exchangeClaims,
} from "../../supabase/functions/_shared/healingDb.ts";
import { type DirectConnection, openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { occurrence } from "../../tests/helpers/contract.ts";
import { runSql, startScratchServer } from "../lib/scratchServer.ts";
import { type Finding, quantileOf, reportFindings } from "../lib/simulation.ts";
import { type JobQueue, openJobQueue } from "./peers/pgBoss.ts";

/** How large the comparison is. */
export interface ClaimsSize {
  errors: number;
  rounds: number;
  batches: readonly number[];
}

const WORKERS = 8;
const FULL_SIZE: ClaimsSize = { errors: 10_000, rounds: 3, batches: [50, 200] };
const AT_LEAST_AS_FAST = { atLeast: 1 };

function newError(key: string): CapturedError {
  return occurrence({ fingerprint: `v2:${key}`, stack_trace: "Error: x\n    at f (/app/src/a.ts:1:2)" });
}

function payloads(round: string, count: number): CapturedError[] {
  return Array.from({ length: count }, (_, index) => newError(`${round} ${index}`));
}

/** One contestant: how it is filled, and how one worker empties it. */
interface Contestant {
  fill(errors: readonly CapturedError[]): Promise<void>;
  /** Finishes what it holds and takes the next batch; pg-boss does both at its own calls. */
  work(worker: number, batch: number): Promise<{ finished: string[]; isOver: boolean }>;
}

function ourselves(connections: readonly DirectConnection[], clean: () => Promise<unknown>): Contestant {
  const held: ClaimedError[][] = connections.map(() => []);
  return {
    async fill(errors) {
      await clean();
      for (let start = 0; start < errors.length; start += 500) {
        await captureErrors(connections[0]!.rpc, errors.slice(start, start + 500));
      }
    },
    async work(worker, batch) {
      const release = { status: "healed" as const, reason: "it passed by itself" };
      const { released, claimed } = await exchangeClaims(
        connections[worker]!.rpc,
        held[worker]!.map((claim) => ({ ...release, claim })),
        { worker: `worker ${worker}`, limit: batch },
      );
      held[worker] = claimed;
      return { finished: released, isOver: claimed.length === 0 };
    },
  };
}

function pgBoss(queue: JobQueue): Contestant {
  return {
    fill: (errors) => queue.add(errors),
    async work(_worker, batch) {
      const ids = await queue.fetch(batch);
      if (ids.length > 0) await queue.complete(ids);
      return { finished: ids, isOver: ids.length === 0 };
    },
  };
}

/** How long eight workers took, and how often an error was handled otherwise than once. */
async function race(
  contestant: Contestant,
  round: string,
  { errors, batch }: { errors: number; batch: number },
): Promise<{ perSecond: number; wrong: number }> {
  await contestant.fill(payloads(round, errors));
  const handled: string[] = [];
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: WORKERS }, async (_, worker) => {
    for (;;) {
      const { finished, isOver } = await contestant.work(worker, batch);
      handled.push(...finished);
      if (isOver) return;
    }
  }));
  const perSecond = 1_000 * errors / (performance.now() - startedAt);
  return {
    perSecond,
    wrong: Math.abs(errors - handled.length) + (handled.length - new Set(handled).size),
  };
}

async function compare(
  own: Contestant,
  peer: Contestant,
  batch: number,
  { errors, rounds }: ClaimsSize,
): Promise<Finding[]> {
  const speeds: { own: number[]; peer: number[] } = { own: [], peer: [] };
  let wrong = 0;
  for (let round = 0; round < rounds; round++) {
    const peers = await race(peer, `${batch} ${round}`, { errors, batch });
    const ours = await race(own, `${batch} ${round}`, { errors, batch });
    speeds.peer.push(peers.perSecond);
    speeds.own.push(ours.perSecond);
    wrong += ours.wrong;
  }
  const [mine, others] = [quantileOf(speeds.own, 0.5), quantileOf(speeds.peer, 0.5)];
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
  await using server = await startScratchServer();
  const url = await server.createDatabase();
  await using queue = await openJobQueue(await server.createDatabase({ migrated: false }), WORKERS);
  const connections = await Promise.all(Array.from({ length: WORKERS }, () => openDirectConnection(url)));
  const clean = () => runSql(url, "truncate public.detected_errors, public.healing_events cascade");
  const findings: Finding[] = [];
  for (const batch of size.batches) {
    findings.push(...await compare(ourselves(connections, clean), pgBoss(queue), batch, size));
  }
  await Promise.all(connections.map((connection) => connection.close()));
  return findings;
}

if (import.meta.main) reportFindings(await simulateClaims(FULL_SIZE));
