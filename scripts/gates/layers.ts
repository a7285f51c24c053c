/**
 * Fails when the library is not built as `scripts/layers.ts` says: a door that nobody listed, a listed door that
 * does not exist, an import upward, sideways, behind a door or out of the library, a file that no door reaches,
 * or a door that costs a function more than its layer allows or than `_shared/README.md` tells its readers.
 *
 * @module
 */

import type { Gate, GateContext } from "../lib/gate.ts";
import {
  costOf,
  doorOf,
  doorPath,
  placeDoors,
  reach,
  readModules,
  type SharedImport,
  type SharedModule,
} from "../lib/sharedLibrary.ts";
import { type Layer, LAYERS } from "../layers.ts";
import { compareModuleMap } from "./layers/moduleMap.ts";

/** The gate over the real list of layers. */
export const layersGate: Gate = createLayersGate(LAYERS);

/** A gate over any list of layers. */
export function createLayersGate(layers: readonly Layer[]): Gate {
  return { name: "layers", run: (context) => checkLayers(context, layers) };
}

async function checkLayers(context: GateContext, layers: readonly Layer[]): Promise<string[]> {
  const modules = await readModules(context);
  return [
    ...checkList(modules, layers),
    ...[...modules.values()].flatMap((module) => checkImports(module, layers)),
    ...checkReach(modules, layers),
    ...checkBudgets(modules, layers, context),
    ...await compareModuleMap(context, modules, layers),
  ];
}

function checkList(modules: Map<string, SharedModule>, layers: readonly Layer[]): string[] {
  const places = placeDoors(layers);
  const listed = layers.flatMap((layer) => layer.doors);
  const missing = listed.filter((door) => !modules.has(doorPath(door)));
  const twice = listed.filter((door, index) => listed.indexOf(door) !== index);
  const unlisted = [...modules.keys()].filter((path) => {
    const door = doorOf(path);
    return door !== undefined && path === doorPath(door) && !places.has(door);
  });
  return [
    ...missing.map((door) =>
      `scripts/layers.ts: lists ${door}, but ${doorPath(door)} does not exist: take it out`
    ),
    ...twice.map((door) => `scripts/layers.ts: lists ${door} twice: leave it in one layer`),
    ...unlisted.map((path) => `${path}: not in scripts/layers.ts: add it to its layer`),
  ];
}

function checkImports(module: SharedModule, layers: readonly Layer[]): string[] {
  const home = doorOf(module.path);
  return module.imports.flatMap((one) => {
    if (one.target === undefined) return [];
    const problem = home === undefined
      ? judgeFunctionImport(module.path, one.target)
      : judgeLibraryImport(home, one.target, layers);
    return problem === undefined ? [] : [`${module.path}:${one.line}: ${describe(one)} ${problem}`];
  });
}

function describe(one: SharedImport): string {
  return `imports ${one.specifier},`;
}

/** A function may use doors and its own folder. */
function judgeFunctionImport(path: string, target: string): string | undefined {
  const folder = path.split("/").slice(0, 3).join("/");
  const door = doorOf(target);
  if (door !== undefined) {
    return target === doorPath(door)
      ? undefined
      : `which is behind the door ${door}: import ${doorPath(door)}`;
  }
  return target.startsWith(`${folder}/`)
    ? undefined
    : "which belongs neither to it nor to _shared: share it through a door";
}

function judgeLibraryImport(home: string, target: string, layers: readonly Layer[]): string | undefined {
  const door = doorOf(target);
  if (door === home) return undefined;
  if (door === undefined) return "which is outside _shared: the library stands alone";
  if (target !== doorPath(door)) return `which is behind the door ${door}: import ${doorPath(door)}`;
  const places = placeDoors(layers);
  const from = places.get(home);
  const to = places.get(door);
  if (from === undefined || to === undefined) return undefined;
  if (to.depth < from.depth) return undefined;
  if (to.depth > from.depth) {
    return `which is above it (${to.layer.name} over ${from.layer.name}): declare a port instead`;
  }
  if (from.layer.ordered && to.order < from.order) return undefined;
  return `which stands beside it in ${from.layer.name}: join the two in a higher layer`;
}

/** A private file that its own door does not reach is dead, or lives behind the wrong door. */
function checkReach(modules: Map<string, SharedModule>, layers: readonly Layer[]): string[] {
  const reached = new Set(
    layers.flatMap((layer) => layer.doors).flatMap((door) => [...reach(modules, doorPath(door), true)]),
  );
  const places = placeDoors(layers);
  return [...modules.keys()]
    .filter((path) => {
      const door = doorOf(path);
      // A door that is not listed is one problem, not one for each file behind it.
      const isJudged = door !== undefined && path !== doorPath(door) &&
        (places.has(door) || !modules.has(doorPath(door)));
      return isJudged && !reached.has(path);
    })
    .map((path) => `${path}: no door reaches it: import it from ${doorPath(doorOf(path)!)} or delete it`);
}

function checkBudgets(
  modules: Map<string, SharedModule>,
  layers: readonly Layer[],
  context: GateContext,
): string[] {
  return layers.flatMap((layer) =>
    layer.doors.filter((door) => modules.has(doorPath(door))).flatMap((door) => {
      const { files, bytes, packages } = costOf(modules, door);
      context.note([layer.name, door, `${files} files`, `${bytes} B`, ...packages].join("\t"));
      if (bytes <= layer.budgetKb * 1000) return [];
      return [
        `${
          doorPath(door)
        }: importing it loads ${bytes} B, and ${layer.name} allows ${layer.budgetKb} kB: load what is heavy when it is first needed`,
      ];
    })
  );
}
