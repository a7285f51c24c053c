/**
 * What more instances of the functions bring: 1, 2, 4 and 8 isolates capture, heal, write and ask at the same time,
 * against one database. `--rows N` says how many occurrences it has already; `--write` renews the table and the picture
 * of docs/scaling.md.
 *
 * @module
 */

import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { madeError } from "../lib/madeErrors.ts";
import { printError } from "../lib/print.ts";
import { runSql, startScratchServer } from "../lib/scratchServer.ts";
import { type Finding, reportFindings } from "../lib/simulation.ts";
import type { Done, Order, Work } from "./instances/instance.ts";
import { fillHistory } from "./scale/fill.ts";
import { type SeriesPage, writeSeries } from "./scale/pivot.ts";

/** How large the comparison is. */
export interface InstancesSize {
  /** Occurrences that are stored before. */
  rows: number;
  counts: readonly number[];
  captures: number;
  errors: number;
  writes: number;
  questions: number;
}

const FULL_SIZE: InstancesSize = {
  rows: 100_000,
  counts: [1, 2, 4, 8],
  captures: 16_000,
  errors: 320,
  writes: 4_000,
  questions: 800,
};
/** More instances than cores may cost something; they must not make each other wait. */
const LEAST_OF_ONE = 0.7;
const AGAINST_ONE = ", against one";

/** What so many instances do together in a second; of `ask` also the slowest 99th answer. */
interface Speed {
  perSecond: number;
  count: number;
  p99Ms: number | undefined;
}

async function run(work: Work, url: string, instances: number, times: number): Promise<Speed> {
  const workers = Array.from(
    { length: instances },
    () => new Worker(new URL("./instances/instance.ts", import.meta.url), { type: "module" }),
  );
  try {
    const orders = workers.map((_, instance): Order => ({ work, url, instance, times: times / instances }));
    await Promise.all(workers.map((worker, index) => answerTo<"ready">(worker, orders[index]!)));
    const startedAt = performance.now();
    const all = await Promise.all(workers.map((worker) => answerTo<Done>(worker, "go")));
    const count = all.reduce((sum, done) => sum + done.count, 0);
    const slowest = Math.max(...all.map(({ p99Ms }) => p99Ms ?? 0));
    return {
      perSecond: 1_000 * count / (performance.now() - startedAt),
      count,
      p99Ms: slowest === 0 ? undefined : slowest,
    };
  } finally {
    for (const worker of workers) worker.terminate();
  }
}

function answerTo<Answer>(worker: Worker, message: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Answer>) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(event.message));
    };
    worker.postMessage(message);
  });
}

/** Errors that nobody has seen, each of a group of its own, for the engine to decide on. */
async function openErrors(url: string, count: number, round: number): Promise<void> {
  const connection = await openDirectConnection(url);
  const errors = Array.from(
    { length: count },
    (_, index) => madeError(`v2:instances ${round} ${index}`, { error_message: "nobody knows this" }),
  );
  await captureErrors(connection.rpc, errors);
  await connection.close();
}

const MESSAGES = `
  create table public.bench_messages (id bigint generated always as identity primary key, role text not null,
    content text not null);
  grant select, insert on public.bench_messages to service_role`;

interface Kind {
  work: Work;
  figure: string;
  times(size: InstancesSize): number;
}

const KINDS: readonly Kind[] = [
  // First, as what is captured would be decided on too.
  { work: "heal", figure: "errors decided on a second", times: ({ errors }) => errors },
  { work: "capture", figure: "captures a second", times: ({ captures }) => captures },
  { work: "write", figure: "healed writes a second", times: ({ writes }) => writes },
  { work: "ask", figure: "overviews a second", times: ({ questions }) => questions },
];

/** Measures every kind of work with every number of instances. */
export async function compareInstances(url: string, size: InstancesSize): Promise<Finding[]> {
  await fillHistory(url, size.rows);
  await runSql(url, MESSAGES);
  const findings: Finding[] = [];
  for (const kind of KINDS) findings.push(...await compareKind(url, kind, size));
  return findings;
}

async function compareKind(
  url: string,
  { work, figure, times }: Kind,
  size: InstancesSize,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const runs = times(size);
  let alone: number | undefined;
  for (const instances of size.counts) {
    printError(`${instances} × ${work}`);
    if (work === "heal") await openErrors(url, runs, instances);
    const { perSecond, count, p99Ms } = await run(work, url, instances, runs);
    alone ??= perSecond;
    const scenario = `${instances} instance${instances === 1 ? "" : "s"}`;
    const add = (more: string, value: number, bound?: Finding["bound"]) =>
      findings.push({
        scenario,
        figure: `${figure}${more}`,
        value,
        runs,
        ...(bound === undefined ? {} : { bound }),
      });
    add("", perSecond);
    add(AGAINST_ONE, perSecond / alone, { atLeast: LEAST_OF_ONE });
    add(": not done, or done twice", Math.abs(count - runs), { atMost: 0 });
    if (p99Ms !== undefined) add(": p99, ms", p99Ms);
  }
  return findings;
}

function rowsWanted(args: readonly string[]): number {
  const index = args.indexOf("--rows");
  return index < 0 ? FULL_SIZE.rows : Number(args[index + 1]);
}

const PAGE: SeriesPage = {
  mark: "instances",
  title: "at the same time",
  isShown: (figure) => !figure.includes("not done"),
  picture: "scaling-instances.svg",
  chart: {
    title: "What several instances do together, against one",
    x: { title: "instances", ticks: [1, 2, 4, 8], isLogarithmic: true },
    y: { ticks: [0, 1, 2, 3, 4] },
    bound: { at: 1, name: "as much as one alone" },
  },
  drawn: Object.fromEntries(
    KINDS.map(({ figure }) => [`${figure}${AGAINST_ONE}`, figure.replace(" a second", "")]),
  ),
  placeOf: (scenario) => Number.parseInt(scenario),
};

if (import.meta.main) {
  await using server = await startScratchServer();
  const size = { ...FULL_SIZE, rows: rowsWanted(Deno.args) };
  const url = await server.createDatabase();
  const findings = await compareInstances(url, size);
  reportFindings(findings);
  if (Deno.args.includes("--write")) await writeSeries(findings, PAGE);
}
