/**
 * `deno task doctor`: examines a project that has this system, and says of all that is wrong what to type next.
 *
 * Nothing of the project changes but this: one run of `health-check`, which the schedule would make anyway.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { isHealingError, messageOf } from "../supabase/functions/_shared/core/errors.ts";
import { openDirectConnection } from "../supabase/functions/_shared/postgres.ts";
import { advice } from "./doctor/advice.ts";
import { database } from "./doctor/database.ts";
import { broken, type Examination, type Finding, type Patient } from "./doctor/examination.ts";
import { functions } from "./doctor/functions.ts";
import { health } from "./doctor/health.ts";
import { liveRun } from "./doctor/liveRun.ts";
import { migrations } from "./doctor/migrations.ts";
import { objects } from "./doctor/objects.ts";
import { admit } from "./doctor/patient.ts";
import { schedules } from "./doctor/schedules.ts";
import { switches } from "./doctor/switches.ts";
import { testTrigger } from "./doctor/testTrigger.ts";
import { vault } from "./doctor/vault.ts";
import { print, printError } from "./lib/print.ts";
import { withProgress } from "./stack/progress.ts";

const USAGE = `Usage: deno task doctor --db URL [options]
  --db URL    the project's database as its postgres role; SUPABASE_DB_URL when left out
  --url URL   where its functions answer, such as https://<ref>.supabase.co; SUPABASE_URL when left out
  --wait N    the longest wait for something to happen, in seconds; 90
  --json      prints what was found as JSON
  Ends with 0 when nothing is broken, 1 when something is, 2 when it could not look.`;

// What others rest on comes first: whoever reads from the top mends the cause before its consequences.
const EXAMINATIONS: readonly Examination[] = [
  database,
  migrations,
  objects,
  vault,
  functions,
  schedules,
  liveRun,
  testTrigger,
  switches,
  health,
  advice,
];

interface Arguments {
  databaseUrl: string;
  apiUrl: string | undefined;
  waitSeconds: number;
  json: boolean;
}

function parseArguments(args: readonly string[]): Arguments | null {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        db: { type: "string" },
        url: { type: "string" },
        wait: { type: "string", default: "90" },
        json: { type: "boolean", default: false },
      },
    });
    const databaseUrl = values.db ?? Deno.env.get("SUPABASE_DB_URL");
    const apiUrl = (values.url ?? Deno.env.get("SUPABASE_URL"))?.replace(/\/+$/, "");
    const waitSeconds = Number(values.wait);
    const isWhole = databaseUrl !== undefined && URL.canParse(databaseUrl) &&
      (apiUrl === undefined || URL.canParse(apiUrl)) && Number.isFinite(waitSeconds) && waitSeconds >= 0;
    return isWhole ? { databaseUrl, apiUrl, waitSeconds, json: values.json } : null;
  } catch {
    return null;
  }
}

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseArguments(args);
  if (parsed === null) {
    print(USAGE);
    return args.includes("--help") || args.includes("-h") ? 0 : 2;
  }
  const connection = await openDirectConnection(parsed.databaseUrl);
  const found: { name: string; findings: Finding[] }[] = [];
  try {
    const patient = await admit(connection, { ...parsed, progress: printError });
    for (const examination of EXAMINATIONS) {
      const findings = await withProgress(examination.name, printError, () => examine(examination, patient));
      found.push({ name: examination.name, findings });
      if (!parsed.json) report(examination.name, findings);
    }
  } finally {
    await connection.close();
  }
  const wrong = found.flatMap(({ findings }) => findings).filter(({ state }) => state === "broken").length;
  print(parsed.json ? JSON.stringify(found, null, 2) : summary(wrong));
  return wrong === 0 ? 0 : 1;
}

/** What cannot be looked at is a finding too: an examination that fails hides none of the others. */
async function examine(examination: Examination, patient: Patient): Promise<Finding[]> {
  try {
    return await examination.look(patient);
  } catch (error) {
    return [
      broken(`could not be looked at: ${messageOf(error)}`, "Mend what is broken above, and look again."),
    ];
  }
}

const MARKS: { [State in Finding["state"]]: string } = {
  well: "ok     ",
  notice: "notice ",
  broken: "BROKEN ",
  unknown: "unknown",
};

function report(name: string, findings: readonly Finding[]): void {
  print(name);
  for (const { state, says, next } of findings) {
    print(`  ${MARKS[state]}  ${says}`);
    if (next !== undefined) print(`           next: ${next}`);
  }
}

function summary(wrong: number): string {
  return wrong === 0 ? "Nothing is broken." : `${wrong} ${wrong === 1 ? "thing is" : "things are"} broken.`;
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    const hint = isHealingError(error) ? error.hint : undefined;
    printError(messageOf(error) + (hint === undefined ? "" : `\n${hint}`));
    Deno.exit(2);
  }
}
