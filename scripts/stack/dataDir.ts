/** Where data and caches live when nobody says otherwise. @module */

import { statfs } from "node:fs/promises";
import { canReach, postgresUser } from "./runAs.ts";

/** A test cluster takes a tenth of this; containers often have less in all. */
const MEMORY_FOLDER_BYTES = 1.5 * 2 ** 30;

const REPOSITORY = decodeURIComponent(new URL("../..", import.meta.url).pathname).replace(/\/$/, "");

/**
 * The folder for everything that the stack keeps: `.data` in the repository; or, when the user that runs
 * Postgres cannot enter the repository (root with a closed home), a folder under `/var/tmp` that is named
 * after the repository's path.
 */
export async function defaultDataDir(repository: string = REPOSITORY): Promise<string> {
  const home = `${repository}/.data`;
  if (await canReach(home, postgresUser())) return home;
  return `/var/tmp/self-healing-${await shortHash(repository)}`;
}

/** The folder for what can be made again: unpacked binaries and an initialised data directory to copy. */
export function cacheDir(): string {
  const name = "self-healing-stack";
  if (Deno.build.os === "windows") return `${Deno.env.get("LOCALAPPDATA") ?? Deno.env.get("TEMP")}/${name}`;
  // Root's own cache is closed to `nobody`, who runs the binaries.
  if (postgresUser() !== undefined) return `/var/tmp/${name}-root`;
  const home = Deno.env.get("HOME");
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? (home === undefined ? undefined : `${home}/.cache`);
  return cache === undefined ? `/var/tmp/${name}-${Deno.uid()}` : `${cache}/${name}`;
}

/** Sixteen hexadecimal digits that stand for a text in a folder name. */
export async function shortHash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].slice(0, 8).map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The path of a new folder for data that nobody keeps, where the user that runs Postgres may make it: in memory
 * where there is plenty of it, because a database is cloned there in 20 ms instead of 50 to 300.
 */
export async function freshDataDir(): Promise<string> {
  const parent = Deno.build.os === "windows"
    ? Deno.env.get("TEMP")
    : await freeBytes("/dev/shm") > MEMORY_FOLDER_BYTES
    ? "/dev/shm"
    : "/var/tmp";
  return `${parent}/self-healing-test-${crypto.randomUUID()}`;
}

function freeBytes(folder: string): Promise<number> {
  return statfs(folder).then(({ bavail, bsize }) => bavail * bsize, () => 0);
}
