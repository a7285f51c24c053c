/**
 * Where new migrations stand among those of a project.
 *
 * `db push` refuses a version that is older than the last one it applied, and two files of one version; versions are
 * compared as texts there. What has been pushed only the database knows, so every file of the project counts.
 *
 * @module
 */

import type { Manifest } from "./manifest.ts";
import type { OfferedMigration } from "./source.ts";

/** A file of the project's migrations. */
export interface MigrationFile {
  version: string;
  name: string;
  fileName: string;
}

/** What became of the placing. */
export interface Placing {
  /** The name of each new migration's file by its name. */
  fileNames: Map<string, string>;
  problem: { code: "migration_order" | "migration_version"; message: string } | null;
}

/** Reads a file's name; null for what `db push` leaves alone. */
export function readFileName(fileName: string): MigrationFile | null {
  const [, version, name] = /^([0-9]+)_(.*)\.sql$/.exec(fileName) ?? [];
  return version === undefined || name === undefined ? null : { version, name, fileName };
}

/** Gives each new migration its file; ours are in their order. */
export function placeMigrations(
  fresh: readonly OfferedMigration[],
  present: readonly MigrationFile[],
  order: Manifest["order"],
): Placing {
  const own = new Map(fresh.map(({ name, version }) => [name, `${version}_${name}.sql`]));
  const latest = present.map(({ version }) => version).sort().at(-1) ?? "";
  const clash = fresh.flatMap(({ version, name }) => {
    const rival = present.find((one) => one.version === version);
    return rival === undefined ? [] : [`${rival.fileName} has the version of our ${name}`];
  })[0];
  const isLate = fresh.some(({ version }) => version < latest);
  if (fresh.length === 0 || (clash === undefined && (!isLate || order === "include-all"))) {
    return { fileNames: own, problem: null };
  }
  if (order === "renumber") return renumbered(fresh, latest);
  if (clash !== undefined) return { fileNames: own, problem: { code: "migration_version", message: clash } };
  const newest = present.find(({ version }) => version === latest)!;
  const message = `${newest.fileName} is newer than ours, so that db push would refuse ours as out of order`;
  return { fileNames: own, problem: { code: "migration_order", message } };
}

function renumbered(fresh: readonly OfferedMigration[], latest: string): Placing {
  const start = instantOf(latest);
  if (start === null) {
    const message = `no time can be later than the version ${latest}`;
    return { fileNames: new Map(), problem: { code: "migration_order", message } };
  }
  const fileNames = fresh.map(({ name }, index): [string, string] => [
    name,
    `${versionOf(start + (index + 1) * 1_000)}_${name}.sql`,
  ]);
  return { fileNames: new Map(fileNames), problem: null };
}

/** The moment that a version stands for, or one after it where it is no time; null beyond all calendars. */
function instantOf(version: string): number | null {
  const [year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(
    version.padEnd(14, "0"),
  )!.slice(1).map(Number);
  if (year! < 1970 || year! > 9_000) return null;
  return Date.UTC(year!, Math.max(month! - 1, 0), Math.max(day!, 1), hour, minute, second);
}

function versionOf(instant: number): string {
  return new Date(instant).toISOString().replaceAll(/[-T:]|\.\d{3}Z$/g, "");
}
