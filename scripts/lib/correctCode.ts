/**
 * Code that is correct: this project's own source, and what the packages it depends on have published, as far as Deno has
 * them on this machine. A fixer that changes any of it does harm.
 *
 * @module
 */

import type { ProjectFile } from "../../supabase/functions/_shared/core/projectPaths.ts";
import { readProject } from "../fixCode.ts";

/** Correct files that belong together. */
export interface CorrectProject {
  name: string;
  files: ProjectFile[];
}

/** Packages that are large and alike: some of them tell as much as all. */
const MOST_FILES = 400;

/** This project's own source. */
export async function readOwnSource(): Promise<CorrectProject> {
  const root = new URL("../../", import.meta.url).pathname;
  const files = await readProject(root.replace(/\/$/, ""));
  return {
    name: "own source",
    files: files.filter(({ path }) => /^(?:supabase|scripts|tests)\//.test(path)),
  };
}

/** The published source of the packages in Deno's cache. */
export async function readDependencies(most = 30): Promise<CorrectProject[]> {
  const found: CorrectProject[] = [];
  for (const folder of await packageFolders()) {
    const files = await readProject(folder.path);
    const scripts = files.filter(({ path, content }) => !path.endsWith(".d.ts") && content.length < 200_000);
    if (scripts.length >= 3) found.push({ name: folder.name, files: scripts.slice(0, MOST_FILES) });
    if (found.length >= most) break;
  }
  return found;
}

async function packageFolders(): Promise<{ name: string; path: string }[]> {
  const info = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"], stdout: "piped" })
    .output();
  const { npmCache } = JSON.parse(new TextDecoder().decode(info.stdout)) as { npmCache: string };
  const folders: { name: string; path: string }[] = [];
  for (const registry of await namesIn(npmCache)) {
    for (const name of await namesIn(`${npmCache}/${registry}`)) {
      const packages = name.startsWith("@")
        ? (await namesIn(`${npmCache}/${registry}/${name}`)).map((inner) => `${name}/${inner}`)
        : [name];
      for (const one of packages) {
        const [version] = await namesIn(`${npmCache}/${registry}/${one}`);
        if (version !== undefined) {
          folders.push({ name: `${one}@${version}`, path: `${npmCache}/${registry}/${one}/${version}` });
        }
      }
    }
  }
  return folders.toSorted((one, other) => one.name < other.name ? -1 : 1);
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) if (entry.isDirectory) names.push(entry.name);
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
  }
  return names.toSorted();
}
