/** A storm of errors from `captureError` to the rows of a database, with what it costs on either side. @module */

import { cpuUsage } from "node:process";
import {
  captureError,
  flushErrors,
  type Reporter,
  reporterOver,
} from "../../../supabase/functions/_shared/errorInterceptor.ts";
import type { DirectConnection } from "../../../supabase/functions/_shared/postgres.ts";
import type { Storm } from "./storms.ts";

/** What one error took, in microseconds. */
export interface Cost {
  /** By the clock on the wall, in the best of the rounds. */
  wall: number;
  /** Of the processor, in the isolate, over all rounds. */
  isolate: number;
  /** The same in the process that serves the connection; NaN where the system does not tell. */
  database: number;
}

/** Fewer than a queue holds: what comes on top of that is dropped. */
const MOST_WAITING = 900;
/** Of the clock that the kernel counts processor time with. */
const TICKS_PER_SECOND = 100;

/**
 * Sends a storm in rounds of so many events over one connection, one batch at a time, as an isolate does. What is
 * compiled in the round before the first does not count.
 */
export async function captureStorm(
  storm: Storm,
  connection: DirectConnection,
  { rounds, events }: { rounds: number; events: number },
): Promise<Cost> {
  const reporter = new PacedReporter(await reporterOver(connection.rpc));
  const pid = await connection.transaction(async (tx) =>
    Number((await tx.query("select pg_backend_pid() as pid"))[0]!.pid)
  );
  await timeRound(storm, reporter, pid, { first: 0, events });
  const costs: Cost[] = [];
  for (let round = 1; round <= rounds; round++) {
    costs.push(await timeRound(storm, reporter, pid, { first: round * events, events }));
  }
  const mean = (read: (cost: Cost) => number) => costs.reduce((sum, cost) => sum + read(cost), 0) / rounds;
  return {
    wall: Math.min(...costs.map(({ wall }) => wall)),
    isolate: mean(({ isolate }) => isolate),
    database: mean(({ database }) => database),
  };
}

/** Events a second of an isolate and a database that have a core each: while one works on a batch, so does the other. */
export function carriedPerSecond({ wall, isolate, database }: Cost): number {
  return 1e6 / (Number.isNaN(database) ? wall : Math.max(isolate, database));
}

/** A reporter that says when it has stored something, so that the storm can wait for it. */
class PacedReporter {
  #stored = 0;
  #sent = 0;
  #wake = () => {};

  constructor(private readonly inner: Reporter) {}

  readonly source = () =>
    Promise.resolve<Reporter>({
      ...this.inner,
      capture: async (errors) => {
        const answer = await this.inner.capture(errors);
        this.#stored += errors.length;
        this.#wake();
        return answer;
      },
    });

  /** Resolves when there is room for one more. */
  async room(): Promise<void> {
    this.#sent += 1;
    while (this.#sent - this.#stored >= MOST_WAITING) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}

async function timeRound(
  storm: Storm,
  reporter: PacedReporter,
  pid: number,
  { first, events }: { first: number; events: number },
): Promise<Cost> {
  const before = { wall: performance.now(), isolate: cpuUsage(), database: await backendTime(pid) };
  for (let index = first; index < first + events; index++) {
    await reporter.room();
    const traceparent = storm.traceparent?.(index);
    const context = traceparent === undefined ? {} : { traceparent };
    captureError(storm.fail(index), { functionName: "checkout", ...context }, reporter.source);
  }
  await flushErrors();
  const { user, system } = cpuUsage(before.isolate);
  return {
    wall: (performance.now() - before.wall) * 1_000 / events,
    isolate: (user + system) / events,
    database: (await backendTime(pid) - before.database) / events,
  };
}

/** Microseconds. */
async function backendTime(pid: number): Promise<number> {
  try {
    const fields = (await Deno.readTextFile(`/proc/${pid}/stat`)).replace(/^.*\) /, "").split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 1e6 / TICKS_PER_SECOND;
  } catch {
    return Number.NaN;
  }
}
