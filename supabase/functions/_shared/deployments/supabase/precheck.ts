/**
 * What would make the platform refuse a function, or the function fail to boot, said before anything is sent and in the
 * words in which the platform says it.
 *
 * @module
 */

import type { FunctionFiles } from "../changes.ts";

/** What the platform bundles of one function, in bytes. */
const LARGEST = 5_000_000;

const IMPORTS =
  /^[ \t]*(?:import|export)\b(?!\s+type\b)[^"'`;]*?\bfrom\s*["']([^"'\n]+)["']|^[ \t]*import\s*["']([^"'\n]+)["']|\bimport\(\s*["']([^"'\n]+)["']\s*\)/gm;
const CODE = /\.(?:[cm]?[jt]s|[jt]sx)$/;
const WITH_SCHEME = /^(?:npm|jsr|node|https?|data|file):/;

/** The first problem of a function; undefined when there is none. */
export function problemOf(wanted: FunctionFiles): string | undefined {
  const { slug, files, entrypointPath, importMapPath } = wanted;
  const size = files.reduce((sum, { content }) => sum + content.length, 0);
  if (size > LARGEST) {
    return `unexpected deploy status 413: function ${slug} has ${size} bytes, and the platform takes ${LARGEST}`;
  }
  const known = new Map(files.map(({ path, content }) => [path, content]));
  for (const path of [entrypointPath, ...importMapPath === undefined ? [] : [importMapPath]]) {
    if (!known.has(path)) return notFound(path);
  }
  const mapped = importMapPath === undefined ? [] : namesIn(known.get(importMapPath)!);
  if (mapped === undefined) return `failed to bundle function: ${importMapPath} is not JSON`;
  for (const { path, content } of files) {
    if (!CODE.test(path)) continue;
    const problem = importProblem(path, content, known, mapped);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function notFound(path: string): string {
  return `unexpected deploy status 400: Failed to bundle the function (reason: Module not found "file:///${path}".)`;
}

function importProblem(
  path: string,
  content: string,
  known: ReadonlyMap<string, string>,
  mapped: readonly string[],
): string | undefined {
  for (const match of content.matchAll(IMPORTS)) {
    const name = match[1] ?? match[2] ?? match[3] ?? "";
    if (mapped.some((entry) => name === entry || (entry.endsWith("/") && name.startsWith(entry)))) continue;
    if (name.startsWith("./") || name.startsWith("../")) {
      const target = new URL(name, `file:///${path}`).pathname.slice(1);
      if (!known.has(decodeURIComponent(target))) return notFound(target);
    } else if (!WITH_SCHEME.test(name)) {
      return `unexpected deploy status 400: Failed to bundle the function (reason: Relative import path "${name}" not ` +
        `prefixed with / or ./ or ../ at file:///${path})`;
    }
  }
  return undefined;
}

/** The names that an import map knows; undefined when it is no JSON. */
function namesIn(text: string): string[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const imports = typeof parsed === "object" && parsed !== null && "imports" in parsed
      ? parsed.imports
      : {};
    return typeof imports === "object" && imports !== null ? Object.keys(imports) : [];
  } catch {
    return undefined;
  }
}
