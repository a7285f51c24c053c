/**
 * Fails when a migration does not read as the house writes them, when a released one was edited, or when what
 * the migrations built leaves a function or a table open to someone it was not opened to on purpose.
 *
 * The text is judged for what only the text shows; everything else is asked of the catalogue of a fresh
 * database, which cannot be fooled by how a statement is written.
 *
 * @module
 */

import { lineAt, sqlCode, sqlHeader } from "../lib/sqlText.ts";
import type { Gate, GateContext } from "../lib/gate.ts";
import { findOpenObjects } from "./migrations/openObjects.ts";
import { findEditedReleases } from "./migrations/released.ts";

/** The gate. */
export const migrationsGate: Gate = {
  name: "migrations",
  run: async (context) => [
    ...await checkMigrationFiles(context),
    ...await findEditedReleases(context),
    ...await findOpenObjects(context.rows),
  ],
};

const FOLDER = "supabase/migrations/";
const NAME = /^\d{14}_[a-z]+_[a-z0-9_]+\.sql$/;

/** Judges names, headers and text of all migrations. */
export async function checkMigrationFiles(context: GateContext): Promise<string[]> {
  const paths = (await context.files()).filter((path) => path.startsWith(FOLDER));
  const problems = checkNames(paths);
  for (const path of paths.filter((path) => path.endsWith(".sql"))) {
    const text = await context.read(path);
    problems.push(...checkHeader(path, text), ...checkText(path, text));
  }
  return problems;
}

function checkNames(paths: string[]): string[] {
  const prefixes = paths.map((path) => path.slice(FOLDER.length).split("_")[0]);
  return paths.flatMap((path, index) => [
    ...(NAME.test(path.slice(FOLDER.length))
      ? []
      : [`${path}: is not named YYYYMMDDHHMMSS_<verb>_<object>.sql: rename it`]),
    ...(prefixes.indexOf(prefixes[index]) === index
      ? []
      : [`${path}: has the number of another migration, and the push refuses both: count it up`]),
  ]);
}

function checkHeader(path: string, text: string): string[] {
  const header = sqlHeader(text).join("\n");
  const missing = ["Locks:", "Undo:"].filter((word) => !header.includes(word));
  const says = /^(Adds|Changes|Removes|Replaces|Renames|Grants|Revokes|Schedules|Fills|Moves) \S.{8}/.test(
    header,
  );
  return [
    ...(says
      ? []
      : [`${path}:1: does not say what it does: open it with "-- Adds …" (or Changes, Removes, …)`]),
    ...missing.map((word) => `${path}:1: its header has no "${word}" part: say it, even if it is "none"`),
  ];
}

function checkText(path: string, text: string): string[] {
  const code = sqlCode(text);
  const shouting = [...code.matchAll(/(?<![\w$])[A-Z][A-Z_]+(?![\w$])/g)].map((match) =>
    `${path}:${lineAt(text, match.index)}: ${match[0]} is upper-case: write keywords lower-case`
  );
  const swallowed = [...code.matchAll(/when\s+others\s+then\s+null\s*;/gi)].map((match) =>
    `${path}:${
      lineAt(text, match.index)
    }: swallows every error: catch the one you expect, or say what was lost`
  );
  const unwrapped = [
    ...code.matchAll(
      /^[ \t]*(?:begin|commit|rollback)\s*;|\bconcurrently\b|\bvacuum\b|\balter\s+system\b/gim,
    ),
  ]
    .map((match) =>
      `${path}:${lineAt(text, match.index)}: ${
        match[0].trim()
      } takes the file out of its transaction: leave it out`
    );
  return [...shouting, ...swallowed, ...unwrapped];
}
