/**
 * How many errors a second are captured, from what was thrown to what is stored: `captureError` in one isolate, over
 * one connection to the embedded Postgres. Storms of several kinds, since a storm that repeats itself costs less.
 *
 * By the clock the best round counts, and that is one of this machine at this moment; what must hold is said of the
 * processor time of the slower side, so that a busy machine does not count against the code. Fails when that gives
 * fewer than 5,000 a second, or when an error was lost or counted twice. `--write` renews the table of docs/scaling.md.
 *
 * @module
 */

import { analyzeError } from "../../supabase/functions/_shared/errorAnalysis.ts";
import { type DirectConnection, openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { markdownTable, writeIntoDocument } from "../lib/documentTable.ts";
import { printError } from "../lib/print.ts";
import { type Finding, reportFindings } from "../lib/simulation.ts";
import { runSql, startScratchServer } from "../lib/scratchServer.ts";
import { captureStorm, carriedPerSecond } from "./captures/capturing.ts";
import { type Storm, STORMS } from "./captures/storms.ts";

const ROUNDS = 20;
const EVENTS = 1_500;
const ASKED = 1_000;
const DOCUMENT = new URL("../../docs/scaling.md", import.meta.url);

/** The figures of the document's table. */
const FIGURES = {
  met: "words and stack met before, %",
  isolate: "processor time in the isolate, µs",
  database: "processor time in Postgres, µs",
  carried: "events a second, a core for each side",
  clock: "events a second, by the clock",
};

/** Of a thousand errors in a row, how many had words and a stack that were met before, in percent: they cost less. */
async function repeats(storm: Storm): Promise<number> {
  const met = new Set<string>();
  for (let index = 0; index < ASKED; index++) {
    const { captured } = await analyzeError(storm.fail(index));
    met.add(`${captured.error_message} ${captured.stack_trace}`);
  }
  return 100 * (ASKED - met.size) / ASKED;
}

async function measure(storm: Storm, connection: DirectConnection, url: string): Promise<Finding[]> {
  printError(storm.name);
  const cost = await captureStorm(storm, connection, { rounds: ROUNDS, events: EVENTS });
  const [counted] = await runSql<Counted>(url, COUNTED);
  await runSql(url, "truncate public.detected_errors, public.healing_events cascade");
  const runs = (ROUNDS + 1) * EVENTS;
  const finding = (figure: string, value: number, bound?: Finding["bound"]): Finding => ({
    scenario: storm.name,
    figure,
    value,
    runs,
    ...(bound === undefined ? {} : { bound }),
  });
  const wrong = Math.abs(counted!.occurrences - runs) + Math.abs(counted!.events - runs);
  return [
    { ...finding(FIGURES.met, await repeats(storm)), runs: ASKED },
    finding(FIGURES.isolate, cost.isolate),
    finding(FIGURES.database, cost.database),
    finding(FIGURES.carried, carriedPerSecond(cost), { atLeast: 5_000 }),
    finding(FIGURES.clock, 1e6 / cost.wall),
    finding("groups", counted!.groups),
    finding("lost or counted twice", wrong, { atMost: 0 }),
  ];
}

interface Counted {
  groups: number;
  occurrences: number;
  events: number;
}

const COUNTED = `
  select (select count(*)::int from public.detected_errors) as groups,
    (select sum(occurrence_count)::int from public.detected_errors) as occurrences,
    (select sum(occurrences)::int from public.healing_events where event_type = 'occurrence') as events`;

/** The table of the document. */
function tableOf(findings: readonly Finding[]): string {
  const shown = (storm: string, figure: string) =>
    findings.find((finding) => finding.scenario === storm && finding.figure === figure)!.value
      .toLocaleString("en", { maximumSignificantDigits: 3 });
  return markdownTable(
    ["storm", ...Object.values(FIGURES)],
    STORMS.map(({ name }) => [name, ...Object.values(FIGURES).map((figure) => shown(name, figure))]),
  );
}

if (import.meta.main) {
  await using server = await startScratchServer();
  const url = await server.createDatabase();
  const connection = await openDirectConnection(url);
  const findings: Finding[] = [];
  for (const storm of STORMS) findings.push(...await measure(storm, connection, url));
  await connection.close();
  reportFindings(findings);
  if (Deno.args.includes("--write")) await writeIntoDocument(DOCUMENT, "captures", tableOf(findings));
}
