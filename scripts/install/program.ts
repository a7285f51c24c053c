/** The program behind `deno task install`, from its arguments to its last line. @module */

import { HealingError, isHealingError, messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { print, printError } from "../lib/print.ts";
import { withProgress } from "../stack/progress.ts";
import { type Arguments, parseArguments, type Task, USAGE } from "./arguments.ts";
import { alone, makeChanges, removeManifest } from "./changes.ts";
import { runCheck } from "./check.ts";
import { downScript } from "./downScript.ts";
import { emptyManifest, JOURNAL, type Manifest, OUR_FOLDER, readJournal, readManifest } from "./manifest.ts";
import { noticesFor } from "./notices.ts";
import { type Installed, type InstallPlan, planInstall, readInstalled } from "./plan.ts";
import { planRemoval, type RemovalPlan, removeFiles, removeFromDatabase } from "./removal.ts";
import { OWN_ROOT, readOffer } from "./source.ts";
import { openTarget, type Target } from "./target.ts";

/** Runs it; answers with the exit code. `root` is the tree that is installed from. */
export async function runInstallProgram(args: readonly string[], root: string = OWN_ROOT): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    print(USAGE);
    return 0;
  }
  try {
    return await run(parseArguments(args), root);
  } catch (error) {
    const code = isHealingError(error) ? `${error.code}: ` : "";
    const hint = isHealingError(error) ? error.hint : undefined;
    printError(`${code}${messageOf(error)}${hint === undefined ? "" : `\n${hint}`}`);
    return isHealingError(error) && error.code === "CONFLICT" ? 1 : 2;
  }
}

async function run({ into, dryRun, task }: Arguments, root: string): Promise<number> {
  const target = await openTarget(into, root);
  return await alone(target, () => {
    if (task.kind === "install") return install(target, task, { dryRun, root });
    return task.kind === "remove" ? remove(target, task, dryRun) : check(target, task, dryRun);
  });
}

async function check(target: Target, task: Task & { kind: "check" }, dryRun: boolean): Promise<number> {
  const installed = await installedIn(target);
  return await runCheck(target, installed.isUpgrade ? installed.effective : null, {
    ...task,
    rewrite: task.rewrite && !dryRun,
  });
}

async function installedIn(target: Target): Promise<Installed> {
  const [manifest, journal] = [await readManifest(target), await readJournal(target)];
  return await readInstalled(target, manifest, journal, emptyManifest());
}

async function install(
  target: Target,
  task: Task & { kind: "install" },
  { dryRun, root }: { dryRun: boolean; root: string },
): Promise<number> {
  const known = await installedIn(target);
  const shared = task.shared ?? known.effective.shared;
  const installed = {
    ...known,
    effective: { ...known.effective, shared, order: task.order ?? known.effective.order },
  };
  const offer = await readOffer({ root, shared });
  const plan = await withProgress("comparing", printError, () => planInstall(target, offer, installed));
  if (plan.conflicts.length > 0) return refuse(plan);
  if (!dryRun) await carryOut(target, plan, known);
  await report(target, plan, { dryRun, isUpgrade: known.isUpgrade });
  return 0;
}

function refuse({ conflicts }: InstallPlan): number {
  printError("CONFLICT: nothing was written, because of what the project has already:");
  for (const { code, message, choices } of conflicts) {
    printError(`  ${code}: ${message}`);
    for (const choice of choices) printError(`    you may: ${choice}`);
  }
  return 1;
}

async function carryOut(target: Target, plan: InstallPlan, { effective }: Installed): Promise<void> {
  const journal = await target.look(JOURNAL);
  const isSame =
    JSON.stringify({ ...effective, folders: [] }) === JSON.stringify({ ...plan.manifest, folders: [] });
  if (plan.changes.length === 0 && journal.kind === "absent" && isSame) return;
  await withProgress("writing", printError, () => makeChanges(target, plan.changes, plan.manifest));
}

async function report(
  target: Target,
  { changes, manifest, kept, changedMigrations, found }: InstallPlan,
  { dryRun, isUpgrade }: { dryRun: boolean; isUpgrade: boolean },
): Promise<void> {
  const of = (test: (change: InstallPlan["changes"][number]) => boolean) => changes.filter(test).length;
  const added = filesOf(of(({ before }) => before === null));
  const replaced = of(({ before, after }) => before !== null && after !== null);
  const removed = of(({ after }) => after === null);
  const done = `${dryRun ? "would be " : ""}added, ${replaced} changed, ${removed} removed`;
  print(`${added} ${done}; release ${manifest.release}.`);
  if (found > 0) print(`${filesOf(found)} there already, word for word.`);
  for (const { path, why } of kept) print(`kept ${path}: ${why}`);
  if (changedMigrations > 0) {
    print(
      `${changedMigrations} migrations differ from those that were installed: yours stay, as they were pushed.`,
    );
  }
  for (const notice of await noticesFor(target)) print(`notice: ${notice}`);
  if (!dryRun) nextSteps(manifest, isUpgrade);
}

function filesOf(count: number): string {
  return `${count} ${count === 1 ? "file" : "files"}`;
}

function nextSteps({ order }: Manifest, isUpgrade: boolean): void {
  print("Next:");
  print(`  npx supabase db push${order === "include-all" ? " --include-all" : ""}`);
  print("  npx supabase functions deploy");
  if (!isUpgrade) {
    print("  in the SQL editor, so that the schedule knows where to call:");
    print("    select vault.create_secret('https://<ref>.supabase.co', 'project_url');");
    print(
      "    select vault.create_secret('<a secret key, or the value of CRON_SECRET>', 'cron_secret_key');",
    );
  }
  print("  deno task doctor --db <connection string> --url https://<ref>.supabase.co");
}

async function remove(target: Target, task: Task & { kind: "remove" }, dryRun: boolean): Promise<number> {
  const { effective, isUpgrade } = await installedIn(target);
  if (!isUpgrade && (await target.look(JOURNAL)).kind === "absent") return await removeNothing(target);
  const plan = await planRemoval(target, effective);
  if (plan.used.length > 0) return refuseRemoval(plan);
  if (dryRun) print(`${filesOf(plan.changes.length)} would be removed or taken back.`);
  else {
    await leaveDatabase(effective, task);
    await removeFiles(target, effective, plan);
    print(`${filesOf(plan.changes.length)} removed or taken back.`);
  }
  for (const { path, why } of plan.kept) print(`kept ${path}: ${why}`);
  if (!dryRun) afterRemoval(functionsIn(effective), task);
  return 0;
}

async function removeNothing(target: Target): Promise<number> {
  if ((await target.look(OUR_FOLDER)).kind === "folder") {
    await removeManifest(target);
    print("The last of an earlier removal is gone.");
    return 0;
  }
  throw new HealingError("NOT_FOUND", "Nothing of this is installed there.", {
    hint:
      "What was copied by hand has no manifest: run `deno task install --into DIR` first, which finds it.",
  });
}

function functionsIn({ files }: Manifest): string[] {
  return Object.keys(files).flatMap((path) =>
    /^supabase\/functions\/([^_/][^/]*)\/index\.ts$/.exec(path)?.[1] ?? []
  );
}

function refuseRemoval({ used }: RemovalPlan): number {
  printError("CONFLICT: nothing was removed, because files of yours import what would go:");
  for (const { path, specifier } of used) printError(`  still_imported: ${path} imports ${specifier}`);
  printError("    you may: take those imports out, or remove the file, and run this again");
  return 1;
}

async function leaveDatabase(installed: Manifest, { data, way }: Task & { kind: "remove" }): Promise<void> {
  if (way.kind === "none") return;
  if (way.kind === "script") {
    await writeScript(way.file, downScript(installed, data));
    print(
      `Run ${way.file} on the database, whole and as the role postgres: psql "$SUPABASE_DB_URL" -f ${way.file}`,
    );
    return;
  }
  const left = await withProgress("removing", printError, () => removeFromDatabase(way.url, installed, data));
  const words = left.map(({ kind, count }) => `${count} ${kind}${count === 1 ? "" : "s"}`).join(", ");
  print(
    `The database: ${
      words === "" ? "nothing of ours is left" : `kept ${words}`
    }, nothing of yours was changed.`,
  );
}

/** Over no other file; one that says the same is from a run before. */
async function writeScript(file: string, script: string): Promise<void> {
  try {
    await Deno.writeTextFile(file, script, { createNew: true });
  } catch (cause) {
    if (cause instanceof Deno.errors.AlreadyExists && await Deno.readTextFile(file) === script) return;
    throw new HealingError("BAD_REQUEST", `${file} cannot be written: ${messageOf(cause)}`, {
      hint: "Name a file that does not exist yet. Nothing was removed.",
      cause,
    });
  }
}

function afterRemoval(functions: readonly string[], { way }: Task & { kind: "remove" }): void {
  if (way.kind === "none") return;
  print("Next, for what was deployed:");
  for (const name of functions) print(`  npx supabase functions delete ${name}`);
  print("  in the SQL editor, when nothing of yours reads them:");
  print("    delete from vault.secrets where name in ('project_url', 'cron_secret_key');");
}
