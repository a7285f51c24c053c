/** Reads the files of a project that a folder holds. @module */

import type { ProjectFile } from "../../supabase/functions/_shared/core/projectPaths.ts";

/** What of a folder is read. */
export interface FolderChoice {
  /** Names of files that are read. */
  reads: RegExp;
  /** Names of files and folders that are not looked at. */
  leavesOut: RegExp;
  /** Longer files are left out, in bytes; none when left out. */
  longest?: number;
}

/** All chosen files in the order of their paths, which are relative to the folder; links are not followed. */
export async function readProjectFolder(folder: string, choice: FolderChoice): Promise<ProjectFile[]> {
  const files: ProjectFile[] = [];
  const visit = async (below: string) => {
    for await (const entry of Deno.readDir(`${folder}/${below}`)) {
      if (choice.leavesOut.test(entry.name)) continue;
      const path = `${below}${entry.name}`;
      if (entry.isDirectory) await visit(`${path}/`);
      if (!entry.isFile || !choice.reads.test(entry.name)) continue;
      const { size } = await Deno.stat(`${folder}/${path}`);
      if (size > (choice.longest ?? Number.POSITIVE_INFINITY)) continue;
      files.push({ path, content: await Deno.readTextFile(`${folder}/${path}`) });
    }
  };
  await visit("");
  return files.toSorted((one, other) => one.path < other.path ? -1 : 1);
}
