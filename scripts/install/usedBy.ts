/** The files of the project itself: which they are, and which of them import what is to go. @module */

import { posix } from "node:path";
import { loadCodeParser } from "../../supabase/functions/_shared/core/codeSyntax.ts";
import type { ProjectFile } from "../../supabase/functions/_shared/core/projectPaths.ts";
import { readProjectFolder } from "../lib/projectFolder.ts";
import { importSources } from "./moveLibrary.ts";
import type { Manifest } from "./manifest.ts";
import { OUR_FOLDER } from "./manifest.ts";
import type { Target } from "./target.ts";

const CODE = /\.[cm]?[jt]sx?$/;
const MAP = /^(?:deno\.jsonc?|import_map\.json)$/;
const LEFT_OUT =
  /^(?:node_modules|\.git|\.next|\.nuxt|\.svelte-kit|\.output|\.vercel|dist|build|out|coverage|vendor)$/;

/** The project's own code: without what was installed, but for files of that which the project has `changed`. */
export async function ownCode(
  target: Target,
  installed: Manifest,
  changed: ReadonlySet<string> = new Set(),
): Promise<ProjectFile[]> {
  const files = await readProjectFolder(target.root, {
    reads: CODE,
    leavesOut: LEFT_OUT,
    longest: 1_000_000,
  });
  const isOurs = (path: string) => target.ownTree !== null && path.startsWith(`${target.ownTree}/`);
  const isInstalled = (path: string) => Object.hasOwn(installed.files, path) && !changed.has(path);
  return files.filter(({ path }) => !isOurs(path)).filter(({ path }) =>
    !isInstalled(path) && !path.startsWith(`${OUR_FOLDER}/`) && !/\.d\.[cm]?ts$/.test(path)
  );
}

/** Which files import one of these paths, and by which words: their path, or a name that a map of imports gives it. */
export async function importersOf(
  target: Target,
  files: readonly ProjectFile[],
  paths: ReadonlySet<string>,
): Promise<{ path: string; specifier: string }[]> {
  if (paths.size === 0) return [];
  const [parse, aliases] = [await loadCodeParser(), await readAliases(target)];
  return files.flatMap(({ path, content }) => {
    // Most files import none of it: they are not parsed for that. Beside the library its folder need not be named.
    const isBeside = path.startsWith("supabase/functions/");
    if (!isBeside && !content.includes("/_") && !content.includes("functions/")) return [];
    const { byType } = parse(content, { typescript: true, jsx: /x$|\.[cm]?js$/.test(path) });
    return importSources(byType).map(({ value }) => String(value))
      .filter((specifier) => meanings(path, specifier, aliases).some((meant) => paths.has(meant)))
      .map((specifier) => ({ path, specifier }));
  });
}

/** What a map of imports calls a file, or a folder where the name ends with a slash. */
interface Alias {
  name: string;
  path: string;
}

/** The names that any map of the project gives to paths of it; read as text, as a map may have comments. */
async function readAliases(target: Target): Promise<Alias[]> {
  const maps = await readProjectFolder(target.root, { reads: MAP, leavesOut: LEFT_OUT, longest: 1_000_000 });
  return maps.flatMap(({ path: map, content }) =>
    [...content.matchAll(/"([^"]+)"\s*:\s*"(\.{1,2}\/[^"]*)"/g)].map(([, name, path]) => ({
      name: name!,
      path: posix.join(posix.dirname(map), path!),
    }))
  );
}

/** The paths that a specifier in a file may stand for. */
function meanings(path: string, specifier: string, aliases: readonly Alias[]): string[] {
  if (specifier.startsWith(".")) return [posix.join(posix.dirname(path), specifier)];
  return aliases
    .filter(({ name }) => name === specifier || (name.endsWith("/") && specifier.startsWith(name)))
    .map((alias) => posix.join(alias.path, specifier.slice(alias.name.length)));
}
