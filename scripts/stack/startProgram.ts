/**
 * What `deno task start` does: reads its flags, runs the stack until it is asked to stop, and says what is wrong
 * in a sentence with a way out.
 *
 * @module
 */

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { HealingError, isHealingError, messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { serveWhenBuilt } from "../dashboard/served.ts";
import { print, printError } from "../lib/print.ts";
import { defaultDataDir } from "./dataDir.ts";
import { parseEnvFile } from "./envFile.ts";
import { findLaunchers, untilLauncherEnds } from "./launchers.ts";
import { SEEDED_USERS } from "./platform.ts";
import { withProgress } from "./progress.ts";
import { FUNCTIONS_DIRECTORY, type Stack, startStack } from "./stack.ts";

const HELP = `Runs the local stack until Ctrl-C: Postgres, the API, the functions and their schedules.

Usage: deno task start [--port <number>] [--db-port <number>] [--data <folder>] [--no-dashboard]

  --port <number>     Port of the API, 54321 when left out; 0 takes a free one.
  --db-port <number>  Port of the database, 54322 when left out; 0 takes a free one.
  --data <folder>     Where the database and the keys are kept; .data in this folder when left out.
  --no-dashboard      Leaves out the dashboard, which is built when it is first served.
  --help              Shows this.

Secrets for the functions come from .env here and from supabase/functions/.env.
DATABASE_URL names a Postgres of your own to use instead of the embedded one.`;

const LAUNCHER_ENDED = "The program that started this has ended";

interface StartOptions {
  port: number;
  dbPort: number;
  data: string | undefined;
  hasDashboard: boolean;
  help: boolean;
}

/** Runs until a signal; returns the code to end with. */
export async function runStart(args: string[]): Promise<number> {
  try {
    const options = readArguments(args);
    if (options.help) print(HELP);
    else await serve(options);
    return 0;
  } catch (error) {
    printError(messageOf(error));
    const hint = wayOut(error);
    if (hint !== undefined) printError(hint);
    return 1;
  }
}

function wayOut(error: unknown): string | undefined {
  if (!isHealingError(error)) return "This is a fault of the stack itself.";
  return error.details?.problem === "port_taken"
    ? "Stop the program that uses it, or choose another with --port or --db-port; 0 takes a free one."
    : error.hint;
}

async function serve({ port, dbPort, data, hasDashboard }: StartOptions): Promise<void> {
  const startedAt = performance.now();
  const dataDir = data === undefined ? await defaultDataDir() : resolve(data);
  const ended = Promise.race([
    untilSignal(),
    untilLauncherEnds(await findLaunchers()).then(() => LAUNCHER_ENDED),
  ]);
  // Built while everything else starts; nothing waits for it.
  using dashboard = hasDashboard ? serveWhenBuilt(print) : undefined;
  const stack = await startStack({
    dataDir,
    dashboard: dashboard?.door,
    apiPort: port,
    dbPort,
    durable: true,
    secrets: await readSecrets(),
    onProgress: print,
    onLog: print,
  });
  for (const line of describe(stack, dataDir, hasDashboard)) print(line);
  print(`Ready after ${Math.round(performance.now() - startedAt)} ms. Ctrl-C stops it; the data stays.`);
  void dashboard?.ready.then((isThere) =>
    isThere && print(`The dashboard is ready: ${stack.url}/dashboard/`)
  );
  const cause = await Promise.race([ended, stack.databaseEnded.then(() => undefined)]);
  print(cause === undefined ? "The database has ended: stopping." : `${cause}: stopping.`);
  await withProgress("Waiting for what is still running", print, () => stack.stop());
  if (cause === undefined) {
    throw new HealingError("UNAVAILABLE", "The database ended by itself.", {
      hint: "Start again: Postgres recovers what was committed.",
    });
  }
  print("Stopped.");
}

/** The name of the first signal that asks us to end; a second one ends us at once. */
function untilSignal(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let isAsked = false;
  function onSignal(name: string): void {
    // Whatever still runs is ended by its watchers.
    if (isAsked) Deno.exit(130);
    isAsked = true;
    resolve(name);
  }
  Deno.addSignalListener("SIGINT", () => onSignal("SIGINT"));
  if (Deno.build.os === "windows") return promise;
  Deno.addSignalListener("SIGTERM", () => onSignal("SIGTERM"));
  Deno.addSignalListener("SIGHUP", () => onSignal("SIGHUP"));
  return promise;
}

function describe(stack: Stack, dataDir: string, hasDashboard: boolean): string[] {
  const { admin, plain } = SEEDED_USERS;
  return [
    "",
    ...(hasDashboard
      ? [`Dashboard  ${stack.url}/dashboard/ (sign in as ${admin.email} / ${admin.password})`]
      : []),
    `API        ${stack.url}`,
    `Database   ${stack.dbUrl} (Postgres ${stack.postgres})`,
    `Functions  ${
      stack.functionNames.map((name) => `${stack.url}/functions/v1/${name}`).join("\n           ")
    }`,
    `Keys       publishable ${stack.keys.publishable}`,
    `           secret      ${stack.keys.secret}`,
    `           cron secret ${stack.keys.cronSecret}`,
    `Users      ${admin.email} / ${admin.password} (admin), ${plain.email} / ${plain.password}`,
    `Data       ${dataDir}`,
    "",
    "What broke, what was done about it, and why:",
    "  select left(e.error_message, 60) as what, e.occurrence_count as seen, e.status, f.target, f.tier, f.status as fix,",
    "    coalesce(f.verdict ->> 'reason', e.resolution, f.reason) as why",
    "  from detected_errors e left join auto_fixes f on f.detected_error_id = e.id order by e.last_seen_at desc limit 20;",
    "Stop all healing at once:",
    "  select change_healing_setting('enabled', 'false', 'why you stop it');",
    "",
  ];
}

function readArguments(args: string[]): StartOptions {
  try {
    const { values } = parseArgs({
      args,
      options: {
        port: { type: "string", default: "54321" },
        "db-port": { type: "string", default: "54322" },
        data: { type: "string" },
        "no-dashboard": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    const { port, "db-port": dbPort, data, "no-dashboard": without, help } = values;
    return {
      port: readPort("--port", port),
      dbPort: readPort("--db-port", dbPort),
      data,
      hasDashboard: !without,
      help,
    };
  } catch (error) {
    if (isHealingError(error)) throw error;
    throw new HealingError("BAD_REQUEST", messageOf(error), {
      hint: "deno task start --help shows what there is.",
    });
  }
}

function readPort(flag: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new HealingError("BAD_REQUEST", `${flag} must be a port from 0 to 65535: current value is ${text}`, {
    hint: "0 takes a free port.",
  });
}

/** Names and values of the two files that may hold secrets for functions; a missing file holds none. */
async function readSecrets(): Promise<Record<string, string>> {
  const files = [`${FUNCTIONS_DIRECTORY}/../../.env`, `${FUNCTIONS_DIRECTORY}/.env`];
  // There is no Storage here, and what is not there is not to show as broken.
  const secrets: Record<string, string> = { FILE_SERVICE: "none" };
  for (const file of files) {
    Object.assign(secrets, parseEnvFile(await Deno.readTextFile(file).catch(() => "")));
  }
  return secrets;
}
