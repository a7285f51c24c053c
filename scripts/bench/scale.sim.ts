/**
 * What stored rows cost: captures, what the dashboard asks, and the engine's run, against databases with ever more
 * occurrences. `deno task bench scale --rows 10000,100000,1000000` says which; `--write` renews the table and the picture
 * of docs/scaling.md.
 *
 * @module
 */

import { analyzeError } from "../../supabase/functions/_shared/errorAnalysis.ts";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { createHealingEngine } from "../../supabase/functions/_shared/healingEngine.ts";
import { type DirectConnection, openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { printError } from "../lib/print.ts";
import { runSql, type ScratchServer, startScratchServer } from "../lib/scratchServer.ts";
import { type Finding, quantileOf, reportFindings } from "../lib/simulation.ts";
import { applyMigrations, MIGRATIONS_DIRECTORY, readMigrations } from "../stack/migrate.ts";
import { withProgress } from "../stack/progress.ts";
import { captureStorm, carriedPerSecond } from "./captures/capturing.ts";
import { TWO_HUNDRED_GROUPS } from "./captures/storms.ts";
import { askAsAdmin } from "./scale/asking.ts";
import { fillHistory } from "./scale/fill.ts";
import { type SeriesPage, writeSeries } from "./scale/pivot.ts";

const CAPTURED = { rounds: 14, events: 1_500 };
const ASKED = 100;
const RUNS = 7;
/** For a page of the dashboard. */
const MOST_MS = 200;

/** What each page of the dashboard asks first. */
const QUESTIONS: { [page: string]: string } = {
  "overview": "select get_dashboard_overview()",
  "errors": "select list_error_groups('{}')",
  "errors, found by text": `select list_error_groups('{"search": "failure number 7"}')`,
  "one error": "select get_error_group((select id from detected_errors order by last_seen_at desc limit 1))",
  "fixes": "select list_fixes('{}')",
  "health": "select get_health_status()",
};

/** The median time of a run that has ten new errors to look at, in milliseconds. */
async function healing(url: string, { rpc }: DirectConnection): Promise<number> {
  const times: number[] = [];
  await using engine = createHealingEngine({
    db: rpc,
    openDirect: () => openDirectConnection(url),
    worker: "scale",
  });
  for (let round = 0; round < RUNS; round++) {
    const errors = await Promise.all(
      Array.from(
        { length: 10 },
        (_, index) =>
          analyzeError(new Error(`nobody knows ${"abcdefghij"[index]}${round}x`), {
            functionName: `new ${round}`,
          }),
      ),
    );
    await captureErrors(rpc, errors.map(({ captured }) => captured));
    const startedAt = performance.now();
    await engine.detectAndHeal();
    times.push(performance.now() - startedAt);
  }
  return quantileOf(times, 0.5);
}

/** Files that belong to the first set of tables with its schedules; what follows finds rows there. */
const FIRST_FILES = 16;

/** A database whose later migrations came over the rows that it holds; and how long they took, in milliseconds. */
async function grownDatabase(
  server: ScratchServer,
  rows: number,
): Promise<{ url: string; migratedMs: number }> {
  const url = await server.createDatabase({ migrated: false });
  const owner = url.replace(/\/\/[^@/]*@/, "//postgres@");
  await using first = await firstMigrations();
  await applyMigrations(owner, { directory: first.path });
  await withProgress(`storing ${rows} occurrences`, printError, () => fillHistory(url, rows));
  const startedAt = performance.now();
  await applyMigrations(owner);
  const migratedMs = performance.now() - startedAt;
  // As the job does that runs after every hour.
  await runSql(url, "select healing_private.count_event_hours()");
  return { url, migratedMs };
}

async function firstMigrations(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir();
  for (const { fileName } of (await readMigrations()).slice(0, FIRST_FILES)) {
    await Deno.copyFile(`${MIGRATIONS_DIRECTORY}/${fileName}`, `${path}/${fileName}`);
  }
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

async function measure(server: ScratchServer, rows: number): Promise<Finding[]> {
  const { url: superuserUrl, migratedMs } = await grownDatabase(server, rows);
  const scenario = rows.toLocaleString("en");
  const connection = await openDirectConnection(superuserUrl);
  const findings: Finding[] = [];
  const add = (figure: string, value: number, runs: number, bound?: Finding["bound"]) =>
    findings.push({ scenario, figure, value, runs, ...(bound === undefined ? {} : { bound }) });
  add("later migrations over these rows: ms", migratedMs, 1);
  for (const [page, question] of Object.entries(QUESTIONS)) {
    printError(`${scenario}: ${page}`);
    add(`${page}: p99, ms`, await askAsAdmin(connection, question, ASKED), ASKED, { atMost: MOST_MS });
  }
  add("engine's run with ten new errors: median, ms", await healing(superuserUrl, connection), RUNS);
  const cost = await captureStorm(TWO_HUNDRED_GROUPS, connection, CAPTURED);
  const captured = CAPTURED.rounds * CAPTURED.events;
  add("captures a second", 1e6 / cost.wall, captured);
  add("captures a second, a core for each side", carriedPerSecond(cost), captured, { atLeast: 5_000 });
  const [kept] = await runSql<{ ms: number }>(superuserUrl, TIMED_PURGE);
  add("nightly purge: ms", kept!.ms, 1);
  await connection.close();
  return findings;
}

// A month is kept: the oldest day goes as a whole.
const TIMED_PURGE = `
  with before as materialized (select clock_timestamp() as at),
    purged as materialized (select public.purge_healing_history() as counts, at from before)
  select extract(epoch from clock_timestamp() - at)::float8 * 1000 as ms from purged`;

function rowsWanted(args: readonly string[]): number[] {
  const index = args.indexOf("--rows");
  return (index < 0 ? "10000,100000,1000000" : args[index + 1] ?? "").split(",").map(Number);
}

const PAGE: SeriesPage = {
  mark: "rows",
  title: "stored occurrences",
  isShown: () => true,
  picture: "scaling-rows.svg",
  chart: {
    title: "What the pages of the dashboard and a run of the engine take, by what is stored",
    x: { title: "stored occurrences", ticks: [1e4, 1e5, 1e6, 1e7], isLogarithmic: true },
    y: { ticks: [0, 50, 100, 150, 200, 250] },
    bound: { at: MOST_MS, name: `a page takes at most ${MOST_MS} ms` },
  },
  drawn: {
    "overview: p99, ms": "overview, ms",
    "errors: p99, ms": "errors",
    "one error: p99, ms": "one error",
    "fixes: p99, ms": "fixes",
    "engine's run with ten new errors: median, ms": "a run of the engine",
  },
  placeOf: (scenario) => Number(scenario.replaceAll(",", "")),
};

if (import.meta.main) {
  await using server = await startScratchServer();
  const findings: Finding[] = [];
  for (const rows of rowsWanted(Deno.args)) {
    findings.push(...await measure(server, rows));
  }
  reportFindings(findings);
  if (Deno.args.includes("--write")) await writeSeries(findings, PAGE);
}
