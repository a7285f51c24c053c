/**
 * Takes an installation away: first out of the database, then the files.
 *
 * A run that was killed in between is ended by the next one: the script finds nothing more to drop, and the files that
 * are left go.
 *
 * @module
 */

import { HealingError, messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { Client } from "../../supabase/functions/_shared/postgres.ts";
import { type Change, removeFolders, removeManifest } from "./changes.ts";
import { makeChanges } from "./changes.ts";
import { cutSections, hasSections } from "./configText.ts";
import { type DataChoice, downScript } from "./downScript.ts";
import { type Manifest, ORIGINALS } from "./manifest.ts";
import { CONFIG, hashOf, type Target } from "./target.ts";
import { importersOf, ownCode } from "./usedBy.ts";

/** What a removal would do to the files. */
export interface RemovalPlan {
  changes: Change[];
  /** What stays because the project has changed it. */
  kept: { path: string; why: string }[];
  /** Files of the project that import what would go. */
  used: { path: string; specifier: string }[];
}

/** Plans the removal of the files. */
export async function planRemoval(target: Target, installed: Manifest): Promise<RemovalPlan> {
  const changes: Change[] = [];
  const kept: RemovalPlan["kept"] = [];
  for (const [path, known] of Object.entries(installed.files)) {
    const place = await target.look(path);
    if (place.kind === "file" && place.hash === known) changes.push({ path, before: known, after: null });
    else if (place.kind !== "absent") kept.push({ path, why: "changed by you: remove it when you can" });
  }
  const restored = await restoreOriginals(target, installed, changes, kept);
  await cutConfig(target, installed, changes, kept);
  const gone = new Set(changes.filter(({ after }) => after === null).map(({ path }) => path));
  const changed = new Set(kept.map(({ path }) => path));
  const code = (await ownCode(target, installed, changed)).filter(({ path }) => !restored.has(path));
  return { changes, kept, used: await importersOf(target, code, gone) };
}

async function restoreOriginals(
  target: Target,
  { rewritten }: Manifest,
  changes: Change[],
  kept: RemovalPlan["kept"],
): Promise<Set<string>> {
  const restored = new Set<string>();
  for (const [path, known] of Object.entries(rewritten)) {
    const [place, original] = [await target.look(path), await target.look(`${ORIGINALS}/${path}`)];
    if (original.kind !== "file") continue;
    if (place.kind === "file" && place.hash === known) {
      changes.push({ path, before: known, after: original.hash, text: original.text });
      changes.push({ path: `${ORIGINALS}/${path}`, before: original.hash, after: null });
      restored.add(path);
    } else {kept.push({
        path: `${ORIGINALS}/${path}`,
        why: "the rewritten file was changed since: compare them",
      });}
  }
  return restored;
}

async function cutConfig(
  target: Target,
  { config }: Manifest,
  changes: Change[],
  kept: RemovalPlan["kept"],
): Promise<void> {
  const place = await target.look(CONFIG);
  if (place.kind !== "file" || config === "") return;
  const text = cutSections(place.text, config);
  if (text !== null) changes.push({ path: CONFIG, before: place.hash, after: await hashOf(text), text });
  else if (hasSections(place.text)) {
    kept.push({ path: CONFIG, why: "our sections were changed by you: remove them by hand" });
  }
}

/** Takes the files away. */
export async function removeFiles(target: Target, installed: Manifest, plan: RemovalPlan): Promise<void> {
  // The manifest stays until the last file and folder is gone: it is what a next run goes by.
  await makeChanges(target, plan.changes, installed);
  const ofOriginals = Object.keys(installed.rewritten).flatMap((path) => foldersOf(`${ORIGINALS}/${path}`));
  await removeFolders(target, [...new Set([...installed.folders, ...ofOriginals])]);
  await removeManifest(target);
}

function foldersOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/")).filter((folder) =>
    folder.startsWith(ORIGINALS)
  );
}

/** Runs the script on a database; answers with what of ours is left there, by kind. */
export async function removeFromDatabase(
  url: string,
  installed: Manifest,
  data: DataChoice,
): Promise<{ kind: string; count: number }[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    const results: unknown = await client.query(downScript(installed, data));
    const all = (Array.isArray(results) ? results : [results]) as { command: string; rows: unknown[] }[];
    return all.filter(({ command }) => command === "SELECT").at(-1)!.rows as {
      kind: string;
      count: number;
    }[];
  } catch (cause) {
    const { code, hint } = cause as { code?: string; hint?: string };
    throw new HealingError(
      code === "2BP01" ? "CONFLICT" : "DATABASE_ERROR",
      `The database: ${messageOf(cause)}`,
      {
        hint: hint ?? "Nothing was changed, neither there nor in the files. Connect as the role postgres.",
        details: { sqlState: code },
        cause,
      },
    );
  } finally {
    await client.end().catch(() => {});
  }
}
