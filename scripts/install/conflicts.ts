/** What stands in the way of an installation, and what to do about each. @module */

import type { Offer } from "./source.ts";
import { type NameKind, namesTaken, type ProjectMigration } from "./sqlNames.ts";

/** Something of the project's that would have to give way; nothing is written while there is one. */
export interface Conflict {
  code:
    | "file_exists"
    | "library_exists"
    | "function_exists"
    | "function_in_config"
    | "migration_order"
    | "migration_version"
    | "name_taken"
    | "still_imported";
  message: string;
  /** What the reader may do, each by itself. */
  choices: string[];
}

/** A path that cannot be written. */
export interface FileConflict {
  path: string;
  why: string;
}

/** Conflicts about files, one for a function or the library as a whole. */
export function fileConflicts(
  files: readonly FileConflict[],
  otherTables: readonly string[],
  used: readonly { path: string; specifier: string }[],
  offer: Offer,
): Conflict[] {
  const names = offer.functions.map(({ name }) => name);
  const conflicts: Conflict[] = [];
  const inFunctions = new Map<string, FileConflict[]>();
  const rest: FileConflict[] = [];
  for (const file of files) {
    const folder = /^supabase\/functions\/([^/]+)\//.exec(file.path)?.[1];
    if (folder === undefined) rest.push(file);
    else inFunctions.set(folder, [...inFunctions.get(folder) ?? [], file]);
  }
  for (const [folder, found] of inFunctions) {
    conflicts.push(names.includes(folder) ? functionConflict(folder, found) : libraryConflict(folder, found));
  }
  for (const { path, why } of rest) {
    conflicts.push({ code: "file_exists", message: `${path} ${why}`, choices: ["rename your file"] });
  }
  for (const name of otherTables.filter((name) => !inFunctions.has(name))) {
    conflicts.push(tableConflict(name));
  }
  for (const { path, specifier } of used) {
    const message = `${path} imports ${specifier}, which would go`;
    conflicts.push({ code: "still_imported", message, choices: ["change that import"] });
  }
  return conflicts;
}

function functionConflict(name: string, files: readonly FileConflict[]): Conflict {
  return {
    code: "function_exists",
    message: `the project has a function ${name} of its own: ${some(files)}`,
    choices: [`rename yours, in its folder, in config.toml and where it is called: ${name}-app`],
  };
}

function libraryConflict(folder: string, files: readonly FileConflict[]): Conflict {
  return {
    code: "library_exists",
    message: `supabase/functions/${folder} has files of the names of our library: ${some(files)}`,
    choices: [
      "--shared _healing: our library goes into a folder of that name instead",
      "rename your files",
    ],
  };
}

function tableConflict(name: string): Conflict {
  return {
    code: "function_in_config",
    message: `config.toml has a [functions.${name}] with other settings`,
    choices: ["rename yours, or remove that table if it is left over"],
  };
}

function some(files: readonly FileConflict[]): string {
  const shown = files.slice(0, 4).map(({ path, why }) => `${path} ${why}`).join("; ");
  return files.length > 4 ? `${shown}; and ${files.length - 4} more` : shown;
}

/** Conflicts with names that the project's migrations take. */
export async function nameConflicts(files: readonly ProjectMigration[], offer: Offer): Promise<Conflict[]> {
  const ours = ourNames(offer);
  const taken = await namesTaken(files);
  return taken.filter(({ kind, name }) => ours.has(`${kind} ${name}`)).map(({ kind, name, path, line }) => ({
    code: "name_taken",
    message: `${path}:${line} makes the ${kind} ${name}, and so do we`,
    choices: [choiceFor(kind, name)],
  }));
}

function choiceFor(kind: NameKind, name: string): string {
  const plain = name.slice(name.indexOf(".") + 1);
  if (kind === "relation") {
    return `rename yours by a migration before ours, and where it is used: alter table ${name} rename to app_${plain};`;
  }
  return `give yours another name by a migration before ours, and where it is used: app_${plain}`;
}

function ourNames({ objects, indexes, jobs }: Offer): Set<string> {
  const names = new Set(jobs.map((job) => `job ${job}`));
  for (const index of indexes) names.add(`relation public.${index}`);
  for (const heading of objects) {
    const [, kind = "", name = ""] = /^(\w+(?: view)?) (.*)$/.exec(heading) ?? [];
    if (kind === "function") names.add(`function ${name.slice(0, name.indexOf("("))}`);
    else names.add(kind === "schema" ? `schema ${name}` : `relation ${name}`);
  }
  for (const name of ["track_schema_change", "track_schema_drop"]) names.add(`event trigger ${name}`);
  return names;
}
