/** Writes what was healed on a database as a migration, so that it reaches the repository as well. @module */

import type { DatabaseHealResult } from "../../supabase/functions/_shared/databaseHealer.ts";
import { readMigrations } from "../stack/migrate.ts";

const FILE_NAME = /^(\d{14})_([a-z0-9_]+)\.sql$/;

/**
 * Writes the migration as it ran, with what it needed before it, and returns the files' names: one for each part that
 * has a transaction of its own. A file that is there is never overwritten: where the version is taken, the next free
 * one after all others is used.
 */
export async function writeHealedMigration(
  directory: string,
  name: string,
  result: DatabaseHealResult,
  now: Date = new Date(),
): Promise<string[]> {
  await Deno.mkdir(directory, { recursive: true });
  const taken = await readMigrations(directory);
  const [, own = versionOf(now), title = titleOf(name)] = FILE_NAME.exec(name) ?? [];
  const isFree = !taken.some(({ version }) => version >= own);
  let version = isFree ? own : nextVersion(taken.at(-1)!.version);
  const written: string[] = [];
  for (const [index, statements] of (result.parts ?? []).entries()) {
    const suffix = (isFree ? "" : "_healed") + (index === 0 ? "" : `_${index + 1}`);
    const fileName = `${version}_${title}${suffix}.sql`;
    const text = textOf(name, result, index === 0 ? [...neededBy(result), ...statements] : statements);
    await Deno.writeTextFile(`${directory}/${fileName}`, text, { createNew: true });
    written.push(fileName);
    version = nextVersion(version);
  }
  return written;
}

/** What was made in the database for the migration to run. */
function neededBy({ fixes }: DatabaseHealResult): string[] {
  return fixes.filter(({ action }) => action !== "rewrite_migration").flatMap(({ sql }) => sql);
}

function titleOf(name: string): string {
  return name.toLowerCase().replace(/\.sql$/, "").replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "") ||
    "healed_migration";
}

function versionOf(date: Date): string {
  return date.toISOString().replace(/\D/g, "").slice(0, 14);
}

/** One second after a version, as a time. */
export function nextVersion(version: string): string {
  const [year, month, day, hour, minute, second] = [0, 4, 6, 8, 10, 12].map((from, index) =>
    Number(version.slice(from, index === 0 ? 4 : from + 2))
  ) as [number, number, number, number, number, number];
  return versionOf(new Date(Date.UTC(year, month - 1, day, hour, minute, second + 1)));
}

/** The header tells what was changed; each line of it is a comment, whatever a statement holds. */
function textOf(name: string, { fixes }: DatabaseHealResult, statements: readonly string[]): string {
  return [
    `-- ${name.replace(/\s+/g, " ")} as it ran, after these fixes. It takes the place of that file.`,
    ...fixes.map(({ description }) => `--   ${description.replace(/\s+/g, " ")}`),
    "",
    statements.map((text) => `${text};`).join("\n\n"),
    "",
  ].join("\n");
}
