/** What `add_file` and `patch_files` do. @module */

import type { Json, SqlPort } from "../../core/ports.ts";
import { sha256 } from "../../core/sha256.ts";
import type { AddFile } from "../addFile.ts";
import { type FixContext, GO, refused, sqlOf } from "../kind.ts";
import type { FixSteps } from "../lazily.ts";
import type { PatchFiles } from "../patchFiles.ts";

interface StoredFile {
  path: string;
  content: string;
}

/** A file before and after a patch. */
interface Patched {
  path: string;
  before: string;
  content: string;
}

/** What the kind does. */
export const addFileSteps: FixSteps<AddFile> = {
  async precondition(context, { project_id, files }) {
    if (!await isThere(sqlOf(context), project_id)) {
      return refused(`there is no generated project ${project_id}`);
    }
    const present = await filesLike(sqlOf(context), project_id, files);
    if (present.length === 0) return GO;
    const own = new Map(files.map(({ path, content }) => [path, content]));
    const isSame = present.length === files.length &&
      present.every(({ path, content }) => own.get(path) === content);
    return isSame
      ? { kind: "alreadyDone", reason: "the files are there" }
      : refused(`${present[0]!.path} is there, and a file that is there is left alone`);
  },
  snapshot: (_context, { files }) => Promise.resolve({ added: files.map(({ path }) => path) }),
  async apply(context, { project_id, files }) {
    const healed = files.map((file) => ({ ...file, origin: "healed" }));
    await sqlOf(context).query("select healing_private.insert_generated_files($1, $2::jsonb)", [
      project_id,
      JSON.stringify(healed),
    ]);
  },
  async probe(context, { project_id, files }) {
    const present = await filesLike(sqlOf(context), project_id, files);
    const own = new Map(present.map(({ path, content }) => [path, content]));
    const right = files.filter(({ path, content }) => own.get(path) === content).length;
    return { ok: right === files.length, measured: `${right} of ${files.length} files are there` };
  },
  async revert(context, { project_id, files }) {
    const [gone] = await sqlOf(context).query<{ count: number }>(
      "select healing_private.remove_generated_files($1, $2::jsonb) as count",
      [project_id, JSON.stringify(files)],
    );
    if (gone!.count === files.length || !await isThere(sqlOf(context), project_id)) return;
    throw new Error(`${files.length - gone!.count} of the added files have been changed since, or are gone`);
  },
};

/** What the kind does. */
export const patchFilesSteps: FixSteps<PatchFiles> = {
  async precondition(context, action) {
    const patched = await patchedFiles(context, action);
    return typeof patched === "string" ? refused(patched) : GO;
  },
  async snapshot(context, action) {
    const patched = await patchedFiles(context, action);
    return typeof patched === "string"
      ? { files: [] }
      : { files: patched.map(({ path, before }) => ({ path, before })) };
  },
  async apply(context, action) {
    const patched = await patchedFiles(context, action);
    if (typeof patched === "string") throw new Error(patched);
    await change(sqlOf(context), action.project_id, patched);
  },
  async probe(context, action) {
    const present = await filesLike(sqlOf(context), action.project_id, action.files);
    const right = await Promise.all(action.files.map(async ({ path, sha256: seen, start, text }) => {
      const content = present.find((file) => file.path === path)?.content;
      return content !== undefined && content.slice(start, start + text.length) === text &&
        await sha256(content) !== seen;
    }));
    const count = right.filter(Boolean).length;
    return {
      ok: count === action.files.length,
      measured: `${count} of ${action.files.length} files are as patched`,
    };
  },
  async revert(context, action, rollbackPoint: Json) {
    const { files } = rollbackPoint as { files: { path: string; before: string }[] };
    const back = files.map(({ path, before }) => {
      const { start, end, text } = action.files.find((file) => file.path === path)!;
      return { path, before: before.slice(0, start) + text + before.slice(end), content: before };
    });
    // Raises when one has been changed since: its old text would take that change with it.
    await change(sqlOf(context), action.project_id, back);
  },
};

async function patchedFiles(
  context: FixContext,
  { project_id, files }: PatchFiles,
): Promise<Patched[] | string> {
  const present = await filesLike(sqlOf(context), project_id, files);
  const patched: Patched[] = [];
  for (const { path, sha256: seen, start, end, text } of files) {
    const before = present.find((file) => file.path === path)?.content;
    if (before === undefined) return `${path} is not in the project`;
    if (await sha256(before) !== seen || end > before.length) {
      return `${path} has been changed since it was read`;
    }
    patched.push({ path, before, content: before.slice(0, start) + text + before.slice(end) });
  }
  return patched;
}

async function change(sql: SqlPort, projectId: string, files: readonly Patched[]): Promise<void> {
  await sql.query("select healing_private.change_generated_files($1, $2::jsonb)", [
    projectId,
    JSON.stringify(files),
  ]);
}

async function isThere(sql: SqlPort, projectId: string): Promise<boolean> {
  const found = await sql.query("select from public.generated_projects where id = $1 for update", [
    projectId,
  ]);
  return found.length > 0;
}

/** The stored files under the paths, whatever their case. */
function filesLike(
  sql: SqlPort,
  projectId: string,
  files: readonly { path: string }[],
): Promise<StoredFile[]> {
  return sql.query<{ path: string; content: string }>(
    `select path, content from public.generated_files
     where project_id = $1 and lower(path) in (select lower(p) from unnest($2::text[]) as p) order by path`,
    [projectId, files.map(({ path }) => path)],
  );
}
