/**
 * What stored rows cost: captures, what the dashboard asks, and the engine's run, against databases with ever more
 * occurrences. `deno task bench scale --rows 10000,100000,1000000` says which.
 *
 * @module
 */

import { analyzeError } from "../../supabase/functions/_shared/errorAnalysis.ts";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { createHealingEngine } from "../../supabase/functions/_shared/healingEngine.ts";
import { type DirectConnection, openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { printError } from "../lib/print.ts";
import { runSql, startScratchServer } from "../lib/scratchServer.ts";
import { type Finding, quantileOf, reportFindings } from "../lib/simulation.ts";
import { withProgress } from "../stack/progress.ts";
import { captureStorm, carriedPerSecond } from "./captures/capturing.ts";
import { STORMS } from "./captures/storms.ts";
import { fillHistory } from "./scale/fill.ts";

/** The capturing of two hundred groups, no two errors with the same words. */
const STORM = STORMS.find(({ name }) => name === "two hundred groups, other values in each")!;
const CAPTURED = { rounds: 4, events: 5_000 };
const ASKED = 100;
const RUNS = 7;

const ADMIN = JSON.stringify({ role: "authenticated", sub: "ada", app_metadata: { role: "admin" } });

/** What each page of the dashboard asks first. */
const QUESTIONS: { [page: string]: string } = {
  "overview": "select get_dashboard_overview()",
  "errors": "select list_error_groups('{}')",
  "errors, found by text": `select list_error_groups('{"search": "failure number 7"}')`,
  "one error": "select get_error_group((select id from detected_errors order by last_seen_at desc limit 1))",
  "fixes": "select list_fixes('{}')",
  "health": "select get_health_status()",
};

/** The 99th of a hundred times, in milliseconds. */
async function asking(connection: DirectConnection, question: string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ASKED; round++) {
    await connection.transaction(async (tx) => {
      await tx.query(
        "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)",
        [ADMIN],
      );
      const startedAt = performance.now();
      await tx.query(question);
      times.push(performance.now() - startedAt);
    });
  }
  return quantileOf(times, 0.99);
}

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

async function measure(superuserUrl: string, rows: number): Promise<Finding[]> {
  await withProgress(`storing ${rows} occurrences`, printError, () => fillHistory(superuserUrl, rows));
  const scenario = `${rows} stored`;
  const connection = await openDirectConnection(superuserUrl);
  const findings: Finding[] = [];
  const add = (figure: string, value: number, runs: number, bound?: Finding["bound"]) =>
    findings.push({ scenario, figure, value, runs, ...(bound === undefined ? {} : { bound }) });
  for (const [page, question] of Object.entries(QUESTIONS)) {
    printError(`${scenario}: ${page}`);
    add(`${page}: p99, ms`, await asking(connection, question), ASKED, { atMost: 200 });
  }
  add("engine's run with ten new errors: median, ms", await healing(superuserUrl, connection), RUNS);
  const cost = await captureStorm(STORM, connection, CAPTURED);
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

if (import.meta.main) {
  await using server = await startScratchServer();
  const findings: Finding[] = [];
  for (const rows of rowsWanted(Deno.args)) {
    findings.push(...await measure(await server.createDatabase(), rows));
  }
  reportFindings(findings);
}
