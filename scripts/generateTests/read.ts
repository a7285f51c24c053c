/** Reads the files of a project that a folder holds. @module */

import { join } from "node:path";
import type { SourceFile } from "../../supabase/functions/_shared/autoTestGenerator.ts";

const LEFT_OUT = new Set(["node_modules", "dist", "build", ".next", ".git", "coverage", "generated_tests"]);
const READ = /\.(?:tsx?|jsx?|mjs|mts|json|css)$/;
const LONGEST = 500_000;

/** All files that code may need, with paths relative to the folder. */
export async function readProject(folder: string, below = ""): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for await (const entry of Deno.readDir(join(folder, below))) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory && !LEFT_OUT.has(entry.name)) files.push(...await readProject(folder, path));
    if (!entry.isFile || !READ.test(entry.name) || /^(?:deno|package-lock)\.json$/.test(entry.name)) continue;
    const { size } = await Deno.stat(join(folder, path));
    if (size <= LONGEST) files.push({ path, content: await Deno.readTextFile(join(folder, path)) });
  }
  return files.sort((one, other) => one.path < other.path ? -1 : 1);
}
