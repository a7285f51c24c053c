/**
 * `deno task heal:predict`: says what a project will need and does not have, which of its pending migrations would
 * fail, and what its database advises, before any of it fails.
 *
 * @module
 */

import { isHealingError, messageOf } from "../supabase/functions/_shared/core/errors.ts";
import { openDirectConnection } from "../supabase/functions/_shared/postgres.ts";
import {
  type CheckedNeed,
  checkNeeds,
  findAdvice,
  type Finding,
  findingsOf,
  needsOf,
  proposeFindings,
} from "../supabase/functions/_shared/predictiveHealing.ts";
import { checkPendingMigrations, type PendingReport } from "./healPredict/checkPending.ts";
import { copyDatabase, type DatabaseCopy } from "./healPredict/copy.ts";
import {
  functionNames,
  readMigrationFolder,
  readSignIn,
  readSourceFolder,
  secretNames,
} from "./healPredict/readProject.ts";
import { print, printError } from "./lib/print.ts";
import { printTable } from "./lib/printTable.ts";
import { withProgress } from "./stack/progress.ts";

const USAGE = `Usage: deno task heal:predict --migrations DIR --functions DIR [options]
  --migrations DIR     the migrations of the project
  --functions DIR      its functions, or any folder with sources; may be given several times
  --requirements FILE  a description in plain language
  --db URL             its database as its postgres role; without it a new project is assumed
  --env FILE           a file of secrets, of which only the names are read
  --config FILE        the project's config.toml, for redirect URLs and providers
  --propose            writes what was found into the database of --db; what a fix mends waits for approval there
  --json               prints all of it as JSON
  Nothing but --propose writes to the database: migrations are tried on a copy.
  Ends with 0 when nothing would fail, 1 when something would, 2 when it could not be looked at.`;

interface Arguments {
  migrations: string | undefined;
  functions: string[];
  requirements: string | undefined;
  databaseUrl: string | undefined;
  env: string | undefined;
  config: string | undefined;
  propose: boolean;
  json: boolean;
}

function parseArguments(args: readonly string[]): Arguments | null {
  const rest = [...args];
  const take = (name: string): string | undefined => {
    const index = rest.indexOf(name);
    return index < 0 ? undefined : rest.splice(index, 2)[1] ?? "";
  };
  const flag = (name: string): boolean => {
    const index = rest.indexOf(name);
    return index >= 0 && rest.splice(index, 1).length === 1;
  };
  const functions: string[] = [];
  for (let next = take("--functions"); next !== undefined; next = take("--functions")) functions.push(next);
  const parsed = {
    migrations: take("--migrations"),
    functions,
    requirements: take("--requirements"),
    databaseUrl: take("--db"),
    env: take("--env"),
    config: take("--config"),
    propose: flag("--propose"),
    json: flag("--json"),
  };
  const isWhole = rest.length === 0 && !Object.values(parsed).includes("") && !functions.includes("") &&
    (parsed.migrations !== undefined || functions.length > 0 || parsed.requirements !== undefined ||
      parsed.databaseUrl !== undefined) &&
    (!parsed.propose || parsed.databaseUrl !== undefined);
  return isWhole ? parsed : null;
}

/** All that was found. */
interface Prediction {
  needs: CheckedNeed[];
  unread: { place: { file: string; line: number }; message: string }[];
  pending: PendingReport | null;
  advice: Finding[];
  copy: { kind: DatabaseCopy["kind"]; left: string[] };
}

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseArguments(args);
  if (parsed === null) {
    print(USAGE);
    return args.includes("--help") || args.includes("-h") ? 0 : 2;
  }
  const prediction = await withProgress("looking", printError, () => predict(parsed));
  const missing = await findingsOf(prediction.needs);
  if (parsed.json) print(JSON.stringify({ ...prediction, missing }, null, 2));
  else report(prediction, missing);
  if (parsed.propose) await propose(parsed.databaseUrl!, missing, parsed.json ? printError : print);
  return wouldFail(prediction, missing) ? 1 : 0;
}

async function predict(parsed: Arguments): Promise<Prediction> {
  const migrations = parsed.migrations === undefined ? [] : await readMigrationFolder(parsed.migrations);
  const functions = (await Promise.all(parsed.functions.map(readSourceFolder))).flat();
  const requirements = parsed.requirements === undefined ? "" : await Deno.readTextFile(parsed.requirements);
  const { needs, unread } = await needsOf({ migrations, functions, requirements });
  const options = {
    functions: (await Promise.all(parsed.functions.map(functionNames))).flat(),
    ...(parsed.env === undefined ? {} : { secrets: await secretNames(parsed.env) }),
    ...(parsed.config === undefined ? {} : await readSignIn(parsed.config)),
  };
  await using copy = await copyDatabase(parsed.databaseUrl);
  // Before anything runs on the copy: a fix that was tried there is not there in the project.
  const checked = await inTransaction(parsed.databaseUrl ?? copy.url, (tx) => checkNeeds(tx, needs, options));
  const pending = migrations.length === 0 ? null : await checkPendingMigrations(copy.url, migrations);
  const advice = await inTransaction(copy.url, (tx) => findAdvice(tx));
  const afterwards = pending?.failures.length === 0
    ? await inTransaction(copy.url, (tx) => checkNeeds(tx, needs, options))
    : checked;
  return {
    needs: checked.map((need, index) => provided(need, afterwards[index]!)),
    unread,
    pending,
    advice,
    copy: { kind: copy.kind, left: copy.left },
  };
}

/** What no statement names, a function that a migration calls may make: the copy shows it once all have run unhealed. */
function provided(before: CheckedNeed, after: CheckedNeed): CheckedNeed {
  return before.state === "missing" && after.state === "present" ? after : before;
}

type Work<Result> = Parameters<Awaited<ReturnType<typeof openDirectConnection>>["transaction"]>[0] extends
  (tx: infer Tx) => unknown ? (tx: Tx) => Promise<Result> : never;

/** Looks, and takes back whatever looking did. */
async function inTransaction<Result>(url: string, work: Work<Result>): Promise<Result> {
  const connection = await openDirectConnection(url);
  try {
    return await connection.transaction(work, { rollback: true });
  } finally {
    await connection.close();
  }
}

async function propose(url: string, missing: readonly Finding[], say: (line: string) => void): Promise<void> {
  const connection = await openDirectConnection(url);
  try {
    const looks = [["needs", missing], ["advice", await inTransaction(url, (tx) => findAdvice(tx))]] as const;
    for (const [scope, findings] of looks) {
      const { seen, new: fresh, proposed, closed, refused } = await connection.transaction((tx) =>
        proposeFindings({ rpc: tx.rpc, sql: tx }, scope, findings)
      );
      say(
        `${scope}: ${seen} written down, ${fresh} of them new, ${proposed} proposals wait for approval, ${closed} closed`,
      );
      for (const { object, reason } of refused) say(`  not proposed: ${object}: ${reason}`);
    }
  } finally {
    await connection.close();
  }
}

/** What is slow, and what is only advised, fails nothing. */
function wouldFail({ pending }: Prediction, missing: readonly Finding[]): boolean {
  return missing.some(({ severity }) => severity === "high") || (pending?.failures.length ?? 0) > 0 ||
    pending?.signUp?.ok === false;
}

function report({ needs, unread, pending, advice, copy }: Prediction, missing: readonly Finding[]): void {
  for (const { place, message } of unread) print(`  not read: ${place.file}:${place.line}: ${message}`);
  const counts = new Map<string, number>();
  for (const { state } of needs) counts.set(state, (counts.get(state) ?? 0) + 1);
  print(
    `Needs: ${needs.length} found, ${counts.get("present") ?? 0} present, ${missing.length} missing, ${
      counts.get("unknown") ?? 0
    } unknown`,
  );
  if (missing.length > 0) {
    printTable(
      missing.map(({ severity, object, place = "" }) => ({ severity, missing: object, "needed at": place })),
    );
    for (const { object, message, advice: words, fix } of missing) {
      print(`  ${object}: ${message}`);
      print(`    ${fix === null ? "you may" : `can be proposed (${fix.kind}); or`}: ${words}`);
    }
  }
  if (pending !== null) reportPending(pending, copy);
  print(`Advice: ${advice.length} findings`);
  for (const { severity, code, message, advice: words, sql } of advice) {
    print(`  ${severity} ${code}: ${message}`);
    print(`    you may: ${words}${sql === undefined ? "" : `\n      ${sql};`}`);
  }
}

const COPIES: { [Kind in DatabaseCopy["kind"]]: string } = {
  template: "a copy of the database with its rows",
  dump: "a copy of the database's schema, without rows",
  history: "a new project with the database's history of migrations",
  empty: "a new project",
};

function reportPending({ applied, fine, failures, signUp }: PendingReport, copy: Prediction["copy"]): void {
  const files = new Set(failures.map(({ file }) => file)).size;
  print(
    `Migrations, tried on ${
      COPIES[copy.kind]
    }: ${applied.length} applied already, ${fine.length} would run, ${files} would fail`,
  );
  for (const left of copy.left) print(`  not in the copy: ${left}`);
  for (const [index, { file, line, code, message, healer, after }] of failures.entries()) {
    print(`  ${file}:${line}: ${code} ${message}${after === undefined ? "" : ` (may follow from ${after})`}`);
    // Its fixes are about all of the file.
    if (failures[index + 1]?.file === file) continue;
    for (const { description, decision } of healer.fixes) {
      print(`    the healer would ${decision === "auto" ? "do" : "ask a person"}: ${description}`);
    }
    for (const reason of healer.refused) print(`    the healer would refuse: ${reason}`);
  }
  if (signUp === null) return;
  print(
    signUp.ok
      ? "Sign-up: a made-up person could sign up"
      : `Sign-up: fails with ${signUp.code} ${signUp.message}`,
  );
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    printError(
      messageOf(error) + (isHealingError(error) && error.hint !== undefined ? `\n${error.hint}` : ""),
    );
    Deno.exit(2);
  }
}
