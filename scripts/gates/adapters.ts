/**
 * Fails when a package enters at more than one file or without an exact version, and when a file below
 * `supabase/functions` names a module in a way that the platform's deploy does not follow.
 *
 * @module
 */

import type { Gate, GateContext } from "../lib/gate.ts";
import { packageOf } from "../lib/sharedLibrary.ts";
import { type ModuleReference, moduleReferences } from "../lib/typescript.ts";

/** The gate; the dashboard has a manifest of its own and is left out. */
export const adaptersGate: Gate = { name: "adapters", run: checkAdapters };

const JUDGED = /^(supabase|scripts|tests)\/.*\.tsx?$/;
const EXACT = /^npm:((?:@[\w.-]+\/)?[\w.-]+)@\d+\.\d+\.\d+(?:-[\w.]+)?(?:\/.*)?$/;

interface Use extends ModuleReference {
  path: string;
}

async function checkAdapters(context: GateContext): Promise<string[]> {
  const uses: Use[] = [];
  for (const path of (await context.files()).filter((path) => JUDGED.test(path))) {
    for (const reference of moduleReferences(await context.parse(path))) uses.push({ ...reference, path });
  }
  return [...uses.flatMap(judgeUse), ...findSecondAdapters(uses)];
}

function judgeUse(use: Use): string[] {
  const { specifier, path, line } = use;
  const deployed = path.startsWith("supabase/functions/");
  const problem = deployed ? judgeDeployed(use) : undefined;
  if (problem !== undefined) return [`${path}:${line}: ${problem}`];
  if (specifier === undefined || use.kind === "url") return [];
  if (specifier.startsWith("npm:") && !EXACT.test(specifier)) {
    return [`${path}:${line}: ${specifier} is not pinned: write the exact version, npm:name@x.y.z`];
  }
  const isKnown = /^(npm:|node:|\.{1,2}\/|\/|file:|data:|blob:)/.test(specifier);
  return isKnown
    ? []
    : [`${path}:${line}: ${specifier} comes from elsewhere: use an inline npm:name@x.y.z in one adapter`];
}

/** Deploy uploads what a regular expression finds behind `from "…"`; everything else is missing at boot. */
function judgeDeployed({ specifier, kind }: Use): string | undefined {
  if (kind === "url") {
    return "new URL(…, import.meta.url) names a file that deploy does not upload: make it a module";
  }
  if (specifier === undefined) return "imports a computed path, which deploy does not upload: write the path";
  if (/^\.{1,2}\//.test(specifier) && !/\.(ts|json)$/.test(specifier)) {
    return `${specifier} has no extension, so deploy does not upload it: write the .ts`;
  }
  return /^(npm:|node:|\.{1,2}\/)/.test(specifier)
    ? undefined
    : `${specifier} is not resolved on the platform: use a relative path or an inline npm:name@x.y.z`;
}

function findSecondAdapters(uses: Use[]): string[] {
  const homes = new Map<string, Set<string>>();
  for (const { specifier = "", path } of uses) {
    const name = packageOf(specifier);
    if (name !== undefined) homes.set(name, (homes.get(name) ?? new Set()).add(path));
  }
  return [...homes].filter(([, paths]) => paths.size > 1).map(([name, paths]) =>
    `${name} enters at ${[...paths].join(", ")}: keep one adapter and import it from there`
  );
}
