/**
 * `deno task heal:migration FILE --db URL`: runs a migration, heals it when it fails, and says what was done.
 *
 * @module
 */

import { HealingError, isHealingError, messageOf } from "../supabase/functions/_shared/core/errors.ts";
import {
  applyMigration,
  type DatabaseHealResult,
  planMigration,
  type Rehearsal,
} from "../supabase/functions/_shared/databaseHealer.ts";
import { writeHealedMigration } from "./healMigration/writeMigration.ts";
import { print, printError } from "./lib/print.ts";

const USAGE = `Usage: deno task heal:migration FILE --db URL [--dry-run] [--write-migration DIR]
  FILE                    the migration
  --db URL                the direct connection of the project as its postgres role; SUPABASE_DB_URL when left out
  --dry-run               says what would be done, and leaves nothing behind
  --write-migration DIR   writes what ran into DIR, named and ordered like the migrations there
  Ends with 0 when the migration ran, 1 when it did not, 2 when it could not be tried, 3 when a person is asked.`;

interface Arguments {
  file: string;
  databaseUrl: string;
  dryRun: boolean;
  directory: string | undefined;
}

function parseArguments(args: readonly string[]): Arguments | null {
  const rest = [...args];
  const take = (name: string): string | undefined => {
    const index = rest.indexOf(name);
    return index < 0 ? undefined : rest.splice(index, 2)[1] ?? "";
  };
  const databaseUrl = take("--db") ?? Deno.env.get("SUPABASE_DB_URL");
  const directory = take("--write-migration");
  const dryRun = rest.includes("--dry-run");
  const [file, ...others] = rest.filter((arg) => arg !== "--dry-run");
  const isWhole = file !== undefined && !file.startsWith("-") && others.length === 0 &&
    Boolean(databaseUrl) &&
    directory !== "";
  return isWhole ? { file, databaseUrl: databaseUrl!, dryRun, directory } : null;
}

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseArguments(args);
  if (parsed === null) {
    print(USAGE);
    return args.includes("--help") || args.includes("-h") ? 0 : 2;
  }
  const { file, databaseUrl, dryRun, directory } = parsed;
  const name = file.split(/[\\/]/).at(-1)!;
  const migration = await Deno.readTextFile(file).catch((cause) => {
    throw new HealingError("BAD_REQUEST", `${file} cannot be read`, {
      hint: "Name a file that exists",
      cause,
    });
  });
  const options = { migration, name, databaseUrl };
  if (dryRun) return reportPlan(name, await planMigration(options));
  const result = await applyMigration(options);
  report(name, result);
  if (result.healed && result.fixes.length > 0 && directory !== undefined) {
    print(`  written: ${(await writeHealedMigration(directory, name, result)).join(", ")}`);
  }
  return result.healed ? 0 : result.approvalId === undefined ? 1 : 3;
}

function reportPlan(name: string, plan: Rehearsal): number {
  const { fixes, restraint } = plan;
  const isAlone = ({ decision }: Rehearsal["fixes"][number]) =>
    decision === "auto" && restraint === undefined;
  for (const fix of fixes) {
    print(
      `  would ${isAlone(fix) ? "do" : "ask a person"}: ${fix.description} (${fix.risk} risk; ${fix.reason})`,
    );
  }
  if (fixes.length > 0 && restraint !== undefined) print(`  ${restraint}`);
  for (const reason of plan.refused) print(`  refused: ${reason}`);
  if (!plan.wouldRun) {
    print(`${name}: it would fail: ${plan.error}`);
    return 1;
  }
  if (plan.untried !== undefined) print(`  not tried: ${plan.untried}`);
  const asks = !fixes.every(isAlone);
  print(
    fixes.length === 0
      ? `${name}: it would run without help`
      : `${name}: it would run with ${fixes.length} fixes${asks ? ", once a person agrees" : ""}`,
  );
  return asks ? 3 : 0;
}

function report(name: string, { healed, fixes, reason, advice, durationMs }: DatabaseHealResult): void {
  for (const { description, proof, sql, replaced } of fixes) {
    print(`  done: ${description} (${proof})`);
    for (const text of replaced) print(`    - ${shortened(text)}`);
    for (const text of sql) print(`    + ${shortened(text)}`);
  }
  print(`${name}: ${healed ? "" : "not healed: "}${reason} (${Math.round(durationMs)} ms)`);
  if (advice === undefined) return;
  print(`  why nobody but a person decides: ${advice.why}`);
  for (const alternative of advice.alternatives) print(`  you may: ${alternative}`);
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length <= 160 ? line : `${line.slice(0, 159)}…`;
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
