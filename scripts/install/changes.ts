/**
 * Makes planned changes of files so that a run that is killed leaves nothing half done: each file is written beside its
 * place and moved there at once, the journal stands before the first and goes after the last, and a change that fails
 * takes back those before it.
 *
 * @module
 */

import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { HealingError, messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { sha256 } from "../../supabase/functions/_shared/core/sha256.ts";
import { JOURNAL, type Journal, MANIFEST, type Manifest, OUR_FOLDER, readJournal } from "./manifest.ts";
import { hashOf, type Target } from "./target.ts";

/** One change of one file. */
export interface Change {
  path: string;
  /** The hash before; null where no file is. */
  before: string | null;
  /** The hash afterwards; null where the file goes. */
  after: string | null;
  /** What is written. */
  text?: string;
}

const MARK = ".self-healing-new";

/** Lets only one run at a time change a project; it waits for the others of this machine. */
export async function alone<Result>(target: Target, work: () => Promise<Result>): Promise<Result> {
  const name = `self-healing-install-${(await sha256(target.root)).slice(0, 24)}.lock`;
  using file = await Deno.open(join(tmpdir(), name), { create: true, write: true });
  await file.lock(true);
  target.forget();
  return await work();
}

/** Makes the changes; `manifest` is what then is installed. */
export async function makeChanges(
  target: Target,
  changes: readonly Change[],
  manifest: Manifest,
): Promise<void> {
  const made = await foldersToMake(target, [...changes.map(({ path }) => path), MANIFEST]);
  const whole = { ...manifest, folders: [...new Set([...manifest.folders, ...made])] };
  const done: { change: Change; old: string | null }[] = [];
  let isBegun = false;
  try {
    await removeLeftovers(target);
    await write(target, JOURNAL, JSON.stringify(journalOf(changes, whole)));
    isBegun = true;
    for (const change of changes) done.push({ change, old: await makeOne(target, change) });
    await write(target, MANIFEST, `${JSON.stringify(whole, null, 2)}\n`);
  } catch (cause) {
    if (isBegun) await takeBack(target, done);
    await removeFolders(target, [...made, OUR_FOLDER]);
    target.forget();
    throw failure(cause);
  }
  await remove(target, JOURNAL);
  target.forget();
}

/** Files that need no change are in it as well: an earlier run that was killed may have written them. */
function journalOf(changes: readonly Change[], manifest: Manifest): Journal {
  const operations = changes.map(({ path, before, after }) => ({ path, before, after }));
  const changed = new Set(changes.map(({ path }) => path));
  const rest = Object.entries(manifest.files).filter(([path]) => !changed.has(path))
    .map(([path, hash]) => ({ path, before: hash, after: hash }));
  return { format: 1, operations: [...operations, ...rest], folders: manifest.folders, manifest };
}

/** Makes one change, and says what the file held before. */
async function makeOne(target: Target, { path, before, text }: Change): Promise<string | null> {
  const old = await textAt(target, path);
  if (before !== (typeof old === "string" ? await hashOf(old) : old)) {
    throw new HealingError("CONFLICT", `${path} was changed while this ran.`, { hint: "Run it again." });
  }
  if (text === undefined) await remove(target, path);
  else await write(target, path, text);
  return old ?? null;
}

/** What a file holds at this moment; null where nothing is, undefined where something else is. */
async function textAt(target: Target, path: string): Promise<string | null | undefined> {
  try {
    const { isFile } = await Deno.lstat(target.native(path));
    if (!isFile) return undefined;
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await Deno.readFile(target.native(path)));
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return null;
    throw thrown;
  }
}

async function write(target: Target, path: string, text: string): Promise<void> {
  const native = target.native(path);
  await Deno.mkdir(dirname(native), { recursive: true });
  try {
    await Deno.writeTextFile(native + MARK, text);
    await Deno.rename(native + MARK, native);
  } catch (cause) {
    await Deno.remove(native + MARK).catch(() => {});
    throw cause;
  }
}

async function remove(target: Target, path: string): Promise<void> {
  try {
    await Deno.remove(target.native(path));
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
  }
}

/** What cannot be taken back stays in the journal, and the next run knows of it. */
async function takeBack(
  target: Target,
  done: readonly { change: Change; old: string | null }[],
): Promise<void> {
  try {
    for (const { change, old } of done.toReversed()) {
      if (old === null) await remove(target, change.path);
      else await write(target, change.path, old);
    }
    await remove(target, JOURNAL);
  } catch {
    // The first failure is the one to tell of.
  }
}

function failure(cause: unknown): HealingError {
  if (cause instanceof HealingError) return cause;
  return new HealingError("FORBIDDEN", `A file cannot be written: ${messageOf(cause)}`, {
    hint:
      "Give yourself the right to write there, or room on the disk, and run again. What was done is taken back.",
    cause,
  });
}

async function foldersToMake(target: Target, paths: readonly string[]): Promise<string[]> {
  const missing = new Set<string>();
  for (const path of paths) {
    const parts = path.split("/").slice(0, -1);
    for (const index of parts.keys()) {
      const folder = parts.slice(0, index + 1).join("/");
      if (!missing.has(folder) && (await target.look(folder)).kind === "absent") missing.add(folder);
    }
  }
  // Ours goes with the manifest, whoever made it.
  missing.delete(OUR_FOLDER);
  return [...missing].sort();
}

/** Removes folders that are empty, the inner ones first. */
export async function removeFolders(target: Target, folders: readonly string[]): Promise<void> {
  for (const folder of folders.toSorted().reverse()) {
    try {
      await Deno.remove(target.native(folder));
    } catch {
      // It holds something of the project's, or is gone.
    }
  }
}

/** Removes what a run that was killed may have left beside the files that it meant to write. */
async function removeLeftovers(target: Target): Promise<void> {
  const paths = (await readJournal(target))?.operations.map(({ path }) => path) ?? [];
  for (const path of [...paths, MANIFEST, JOURNAL]) await remove(target, path + MARK);
}

/** Removes the manifest and the folder that is ours. */
export async function removeManifest(target: Target): Promise<void> {
  await remove(target, MANIFEST);
  await remove(target, JOURNAL);
  await removeFolders(target, [OUR_FOLDER]);
  target.forget();
}
