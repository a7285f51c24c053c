/**
 * Makes a Postgres data folder, and says what is wrong with one that exists.
 *
 * `initdb` takes half a second, so its result is kept in the cache and copied. Nothing here deletes or changes
 * data: a folder is made beside its place and renamed, and a folder that we do not understand is left alone.
 *
 * @module
 */

import { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import type { Binaries } from "./binaries.ts";
import { cacheDir } from "./dataDir.ts";
import { diskError, makeFolder, run, type RunAs } from "./runAs.ts";

/** The role that owns a new cluster, as on the platform. */
export const SUPERUSER = "supabase_admin";

/** Makes the data folder when it is missing or empty; refuses one that this Postgres cannot open. */
export async function prepareDataFolder(
  dataDir: string,
  binaries: Binaries,
  runAs: RunAs | undefined,
  durable: boolean,
): Promise<"made" | "kept"> {
  const version = await Deno.readTextFile(`${dataDir}/PG_VERSION`).then(
    (text) => text.trim(),
    () => undefined,
  );
  if (version === undefined) {
    await refuseStrangeFolder(dataDir);
    await makeDataFolder(dataDir, binaries, runAs, durable);
    return "made";
  }
  const major = binaries.version.split(".")[0];
  if (version !== major) {
    throw new HealingError(
      "CONFLICT",
      `The data in ${dataDir} was written by Postgres ${version}, but this is Postgres ${binaries.version}.`,
      {
        hint: `Run Postgres ${version} on it, or choose another data folder. The data was not touched.`,
        details: { problem: "version_mismatch", dataDir, version },
      },
    );
  }
  return "kept";
}

async function refuseStrangeFolder(dataDir: string): Promise<void> {
  const entries: string[] = [];
  try {
    for await (const entry of Deno.readDir(dataDir)) entries.push(entry.name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    const isFile = await Deno.stat(dataDir).then((info) => info.isFile, () => false);
    if (isFile) throw strangeFolder(dataDir, "it is a file");
    throw diskError(dataDir, error);
  }
  if (entries.length > 0) {
    throw strangeFolder(dataDir, `it holds ${entries.slice(0, 3).join(", ")} but no PG_VERSION`);
  }
}

function strangeFolder(dataDir: string, why: string): HealingError {
  return new HealingError("CONFLICT", `${dataDir} is not a Postgres data folder: ${why}.`, {
    hint: "Move it away or choose another data folder. Nothing in it was touched.",
    details: { problem: "not_a_data_folder", dataDir },
  });
}

async function makeDataFolder(
  dataDir: string,
  binaries: Binaries,
  runAs: RunAs | undefined,
  durable: boolean,
): Promise<void> {
  const template = await templateFolder(binaries, runAs);
  await makeParent(parentOf(dataDir));
  await makeByRename(dataDir, runAs, async (draft) => {
    await copyFolder(template, draft, runAs);
    // A copy that a power cut may halve is no place for data that must last.
    if (durable) await mustRun(`${binaries.bin}/initdb`, ["--sync-only", "-D", draft], runAs);
  });
}

/** A folder that the user who runs Postgres can pass through, whatever our umask says. */
async function makeParent(folder: string): Promise<void> {
  try {
    if (await Deno.stat(folder).then(() => true, () => false)) return;
    await Deno.mkdir(folder, { recursive: true });
    if (Deno.build.os !== "windows") await Deno.chmod(folder, 0o755);
  } catch (error) {
    throw diskError(folder, error);
  }
}

/** A data folder fresh from `initdb`, kept to be copied. */
async function templateFolder(binaries: Binaries, runAs: RunAs | undefined): Promise<string> {
  const template = `${cacheDir()}/template-${binaries.source}-${binaries.version}`;
  if (await isDataFolder(template)) return template;
  await makeParent(cacheDir());
  await makeByRename(template, runAs, async (draft) => {
    const flags = [
      "-U",
      SUPERUSER,
      "--auth=trust",
      "-E",
      "UTF8",
      "--locale=C.UTF-8",
      "--no-sync",
      "-D",
      draft,
    ];
    await mustRun(`${binaries.bin}/initdb`, flags, runAs);
  });
  return template;
}

/** Fills a folder beside its place and renames it; when another process was first, its folder stays. */
async function makeByRename(
  target: string,
  runAs: RunAs | undefined,
  fill: (draft: string) => Promise<void>,
): Promise<void> {
  const draft = `${target}.${crypto.randomUUID()}`;
  await makeFolder(draft, runAs);
  try {
    await fill(draft);
    await Deno.rename(draft, target);
  } catch (error) {
    await Deno.remove(draft, { recursive: true }).catch(() => {});
    if (await isDataFolder(target)) return;
    throw error instanceof HealingError ? error : diskError(target, error);
  }
}

async function copyFolder(from: string, to: string, runAs: RunAs | undefined): Promise<void> {
  if (Deno.build.os === "windows") return await mustRun("xcopy", [from, to, "/E", "/I", "/Q", "/Y"], runAs);
  await mustRun("cp", ["-Rp", `${from}/.`, to], runAs);
}

async function mustRun(command: string, args: string[], runAs: RunAs | undefined): Promise<void> {
  const { success, output } = await run(command, args, runAs, { LC_ALL: "C" });
  if (success) return;
  if (output.includes("could not look up effective user ID")) {
    throw new HealingError("UNAVAILABLE", "Postgres cannot run as a user that has no entry in /etc/passwd.", {
      hint:
        "Add one for this user id, as containers that run as a bare number often need, or set DATABASE_URL.",
      details: { problem: "unknown_user" },
    });
  }
  throw new HealingError("DATABASE_ERROR", `Cannot make a data folder: ${output.slice(-800)}`, {
    hint: "Check that the disk has room and that the folder can be written.",
    details: { problem: "disk_refused", command },
  });
}

function isDataFolder(path: string): Promise<boolean> {
  return Deno.stat(`${path}/PG_VERSION`).then(() => true, () => false);
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"))) || "/";
}
