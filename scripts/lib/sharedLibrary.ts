/** The library as a graph of files: which door each belongs to, what it imports, and what that costs. @module */

import type { Layer } from "../layers.ts";
import type { GateContext } from "./gate.ts";
import { moduleReferences } from "./typescript.ts";

/** Where the library lives. */
export const SHARED = "supabase/functions/_shared/";

/** One import of a library file. */
export interface SharedImport {
  specifier: string;
  /** The path that it names, relative to the root of the project, when the specifier is relative. */
  target: string | undefined;
  typeOnly: boolean;
  /** True for `import()` in the code: it costs nothing until that line runs. */
  lazy: boolean;
  line: number;
}

/** One file below the functions folder. */
export interface SharedModule {
  path: string;
  bytes: number;
  imports: SharedImport[];
}

/** What a function pays for importing one door. */
export interface DoorCost {
  files: number;
  bytes: number;
  packages: string[];
}

/** Reads every TypeScript file below the functions folder, tests apart. */
export async function readModules(context: GateContext): Promise<Map<string, SharedModule>> {
  const paths = (await context.files()).filter((path) =>
    path.startsWith("supabase/functions/") && path.endsWith(".ts") && !path.endsWith(".test.ts")
  );
  const modules = await Promise.all(paths.map((path) => readModule(context, path)));
  return new Map(modules.map((module) => [module.path, module]));
}

async function readModule(context: GateContext, path: string): Promise<SharedModule> {
  const imports = moduleReferences(await context.parse(path))
    .filter((reference) => reference.specifier !== undefined && reference.kind !== "url")
    .map(({ specifier = "", kind, typeOnly, line }) => ({
      specifier,
      target: resolvePath(path, specifier),
      typeOnly,
      lazy: kind === "dynamic",
      line,
    }));
  return { path, bytes: new TextEncoder().encode(await context.read(path)).length, imports };
}

function resolvePath(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

/** The door to which a path of the library belongs: `patterns/nullGuard.ts` is behind `patterns`. */
export function doorOf(path: string): string | undefined {
  if (!path.startsWith(SHARED)) return undefined;
  const [first = "", second = ""] = path.slice(SHARED.length).replace(/\.ts$/, "").split("/");
  return first === "core" ? `core/${second}` : first;
}

/** The file of a door. */
export function doorPath(door: string): string {
  return `${SHARED}${door}.ts`;
}

/** The layer of each listed door, with its place in it. */
export function placeDoors(
  layers: readonly Layer[],
): Map<string, { layer: Layer; depth: number; order: number }> {
  return new Map(
    layers.flatMap((layer, depth) =>
      layer.doors.map((door, order) => [door, { layer, depth, order }] as const)
    ),
  );
}

/** Everything that a file reaches: only what loading it loads, or (`all`) also types and what comes later. */
export function reach(modules: Map<string, SharedModule>, from: string, all = false): Set<string> {
  const reached = new Set<string>();
  const waiting = [from];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const module = modules.get(path);
    if (module === undefined || reached.has(path)) continue;
    reached.add(path);
    for (const one of module.imports) {
      if (one.target !== undefined && (all || isLoadedAtOnce(one))) waiting.push(one.target);
    }
  }
  return reached;
}

function isLoadedAtOnce(one: SharedImport): boolean {
  return !one.typeOnly && !one.lazy;
}

/** What importing a door loads: its own source and that of everything it needs, and the packages. */
export function costOf(modules: Map<string, SharedModule>, door: string): DoorCost {
  const reached = [...reach(modules, doorPath(door))].map((path) => modules.get(path)!);
  const packages = reached.flatMap((module) =>
    module.imports.filter(isLoadedAtOnce).map((one) => packageOf(one.specifier) ?? "")
  );
  return {
    files: reached.length,
    bytes: reached.reduce((sum, module) => sum + module.bytes, 0),
    packages: [...new Set(packages)].filter((name) => name !== "").sort(),
  };
}

/** The package of an `npm:` specifier: `npm:@scope/name@1.2.3/sub` is `@scope/name`. */
export function packageOf(specifier: string): string | undefined {
  return /^npm:\/?((?:@[^/@]+\/)?[^/@]+)/.exec(specifier)?.[1];
}

/** The first sentence of a file's module comment. */
export function moduleSentence(text: string): string {
  const comment = /^\s*\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? "";
  const plain = comment.replaceAll(/^\s*\*\s?/gm, "").replaceAll(/\{@link (\w+)\}/g, "`$1`").split(
    "@module",
  )[0]!;
  const paragraph = plain.trim().split(/\n\s*\n/)[0]!.replaceAll(/\s+/g, " ");
  return /^.*?[.!?](?=\s|$)/.exec(paragraph)?.[0] ?? paragraph;
}
