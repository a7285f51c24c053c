/**
 * How many errors a second are captured, from what was thrown to what is stored: `captureError` in one isolate, over
 * one connection to the embedded Postgres. Storms of several kinds, since a storm that repeats itself costs less.
 *
 * Of the rounds the best counts, so that a busy machine does not count against the code; the processor time of both
 * sides stands beside it. Fails when a storm stays below 5,000 a second, or when an error was lost or counted twice.
 *
 * @module
 */

import { cpuUsage } from "node:process";
import { analyzeError } from "../../supabase/functions/_shared/errorAnalysis.ts";
import {
  captureError,
  flushErrors,
  type Reporter,
  reporterOver,
} from "../../supabase/functions/_shared/errorInterceptor.ts";
import { type DirectConnection, openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { printError } from "../lib/print.ts";
import { type Finding, reportFindings } from "../lib/simulation.ts";
import { runSql, startScratchServer } from "../lib/scratchServer.ts";
import { type Storm, STORMS } from "./captures/storms.ts";

const WANTED = { atLeast: 5_000 };
const ROUNDS = 5;
const EVENTS = 5_000;
/** Fewer than a queue holds: what comes on top of that is dropped. */
const MOST_WAITING = 900;
/** Of the clock that the kernel counts processor time with. */
const TICKS_PER_SECOND = 100;

/** A reporter that says when it has stored something, so that the storm can wait for it. */
class PacedReporter {
  stored = 0;
  #wake = () => {};

  constructor(private readonly inner: Reporter) {}

  readonly source = () =>
    Promise.resolve<Reporter>({
      ...this.inner,
      capture: async (errors) => {
        const answer = await this.inner.capture(errors);
        this.stored += errors.length;
        this.#wake();
        return answer;
      },
    });

  /** Resolves when fewer than so many of what was sent are not stored yet. */
  async fewerThan(count: number, sent: () => number): Promise<void> {
    while (sent() - this.stored >= count) await new Promise<void>((resolve) => this.#wake = resolve);
  }
}

/** Milliseconds of processor time. */
interface Times {
  wall: number;
  isolate: number;
  database: number;
}

async function backendTime(pid: number): Promise<number> {
  try {
    const fields = (await Deno.readTextFile(`/proc/${pid}/stat`)).replace(/^.*\) /, "").split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 1_000 / TICKS_PER_SECOND;
  } catch {
    return Number.NaN;
  }
}

async function timeRound(storm: Storm, reporter: PacedReporter, pid: number, first: number): Promise<Times> {
  const before = { wall: performance.now(), isolate: cpuUsage(), database: await backendTime(pid) };
  const storedBefore = reporter.stored;
  let sent = 0;
  while (sent < EVENTS) {
    const index = first + sent;
    const traceparent = storm.traceparent?.(index);
    captureError(storm.fail(index), {
      functionName: "checkout",
      ...(traceparent === undefined ? {} : { traceparent }),
    }, reporter.source);
    sent += 1;
    await reporter.fewerThan(MOST_WAITING, () => storedBefore + sent);
  }
  await flushErrors();
  const { user, system } = cpuUsage(before.isolate);
  return {
    wall: performance.now() - before.wall,
    isolate: (user + system) / 1_000,
    database: await backendTime(pid) - before.database,
  };
}

/** Of a thousand errors in a row, how many the identity is known of already, in percent: they cost less. */
async function repeats(storm: Storm): Promise<number> {
  const met = new Set<string>();
  for (let index = 0; index < 1_000; index++) {
    const { captured } = await analyzeError(storm.fail(index));
    met.add(`${captured.error_message} ${captured.stack_trace}`);
  }
  return 100 * (1_000 - met.size) / 1_000;
}

async function measure(storm: Storm, connection: DirectConnection, url: string): Promise<Finding[]> {
  printError(storm.name);
  const reporter = new PacedReporter(await reporterOver(connection.rpc));
  const pid = await connection.transaction(async (tx) =>
    Number((await tx.query("select pg_backend_pid() as pid"))[0]!.pid)
  );
  const times: Times[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    times.push(await timeRound(storm, reporter, pid, round * EVENTS));
  }
  const [counted] = await runSql<{ groups: number; occurrences: number; events: number }>(url, COUNTED);
  await runSql(url, "truncate public.detected_errors, public.healing_events cascade");
  const runs = ROUNDS * EVENTS;
  const scenario = storm.name;
  const least = (read: (times: Times) => number) => Math.min(...times.map(read)) * 1_000 / EVENTS;
  return [
    { scenario, figure: "events a second", value: 1e6 / least(({ wall }) => wall), runs, bound: WANTED },
    { scenario, figure: "processor time in the isolate, us", value: least(({ isolate }) => isolate), runs },
    { scenario, figure: "processor time in Postgres, us", value: least(({ database }) => database), runs },
    { scenario, figure: "words and stack met before, %", value: await repeats(storm), runs: 1_000 },
    { scenario, figure: "groups", value: counted!.groups, runs },
    {
      scenario,
      figure: "lost or counted twice",
      value: Math.abs(counted!.occurrences - runs) + Math.abs(counted!.events - runs),
      runs,
      bound: { atMost: 0 },
    },
  ];
}

const COUNTED = `
  select (select count(*)::int from public.detected_errors) as groups,
    (select sum(occurrence_count)::int from public.detected_errors) as occurrences,
    (select sum(occurrences)::int from public.healing_events where event_type = 'occurrence') as events`;

if (import.meta.main) {
  await using server = await startScratchServer();
  const url = await server.createDatabase();
  const connection = await openDirectConnection(url);
  const findings: Finding[] = [];
  for (const storm of STORMS) findings.push(...await measure(storm, connection, url));
  await connection.close();
  reportFindings(findings);
}
