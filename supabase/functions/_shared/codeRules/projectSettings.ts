/** What package.json and the compiler's settings say about a project. @module */

import type { SyntaxNode } from "../core/codeSyntax.ts";
import { isRecord } from "../core/unknownValues.ts";
import type { FileModel } from "./fileModel.ts";
import { child, list, nameOf } from "./nodes.ts";
import { folderOf, joined } from "./paths.ts";
import type { Project } from "./project.ts";

/** What a package.json says. */
export interface Manifest {
  path: string;
  file: FileModel;
  /** Every package it lists, with its range. */
  packages: ReadonlyMap<string, string>;
  isModule: boolean;
  /** True for a package that others install: what it is built for, its author knows. */
  isLibrary: boolean;
  /** True for an application of a known framework. */
  isApplication: boolean;
  name: string | undefined;
}

const LISTS = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];

const APPLICATIONS = ["react", "next", "vue", "svelte", "express", "fastify", "koa", "hono", "vite"];

/** Reads a package.json; null when it is none that can be read. */
export function readManifest(file: FileModel | undefined): Manifest | null {
  const data = file === undefined ? undefined : parsed(file.content);
  if (file === undefined || !isRecord(data)) return null;
  const packages = new Map<string, string>();
  for (const key of LISTS) {
    const entries = isRecord(data[key]) ? Object.entries(data[key]) : [];
    for (const [name, range] of entries) if (typeof range === "string") packages.set(name, range);
  }
  return {
    path: file.path,
    file,
    packages,
    isModule: data.type === "module",
    isLibrary: ["exports", "types", "typings", "module", "browser"].some((key) => key in data),
    isApplication: APPLICATIONS.some((name) => packages.has(name)),
    name: typeof data.name === "string" ? data.name : undefined,
  };
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

/** The root of a JSON text as a tree with places; undefined when even a tolerant reader cannot take it. */
export function jsonTree(file: FileModel): SyntaxNode | undefined {
  return child(file.json.byType.get("ExpressionStatement")?.[0], "expression");
}

/** A prefix of specifiers, and the folder of the project that it stands for. */
export interface Alias {
  prefix: string;
  target: string;
}

/** The aliases that the compiler's settings declare, or that everybody expects. */
export function aliasesOf(project: Project): Alias[] {
  const found: Alias[] = [];
  for (const file of project.files.values()) {
    if (/(?:^|\/)[tj]sconfig(?:\.\w+)?\.json$/.test(file.path)) found.push(...readAliases(file));
  }
  if (found.length > 0) return found;
  const hasSource = [...project.files.keys()].some((path) => path.startsWith("src/"));
  if (project.framework === "svelte") {
    return [{ prefix: "$lib/", target: "src/lib" }, { prefix: "$lib", target: "src/lib" }];
  }
  return [{ prefix: "@/", target: hasSource ? "src" : "" }];
}

/** Settings may hold comments and trailing commas; what cannot be read declares nothing. */
function readAliases(file: FileModel): Alias[] {
  const withoutComments = file.content.replace(/("(?:\\.|[^"\\\n])*")|\/\/[^\n]*|\/\*[^]*?\*\//g, "$1");
  const data = parsed(withoutComments.replace(/("(?:\\.|[^"\\\n])*")|,(?=\s*[}\]])/g, "$1"));
  const options = isRecord(data) && isRecord(data.compilerOptions) ? data.compilerOptions : {};
  if (!isRecord(options.paths)) return [];
  const base = joined(folderOf(file.path), typeof options.baseUrl === "string" ? options.baseUrl : ".") ?? "";
  return Object.entries(options.paths).flatMap(([key, targets]) => {
    const first = Array.isArray(targets) ? targets[0] : undefined;
    if (typeof first !== "string") return [];
    const target = joined(base, first.replace(/\*$/, ""));
    return target === null ? [] : [{ prefix: key.replace(/\*$/, ""), target }];
  });
}

/** A property of an object of a tree, by its key. */
export function propertyOf(object: SyntaxNode | undefined, key: string): SyntaxNode | undefined {
  return list(object, "properties").find((one) => nameOf(child(one, "key")) === key);
}
