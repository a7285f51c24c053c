/** The package.json of a project that has none: what its files import, as far as the table vouches for it. @module */

import type { ProjectFile } from "../core/projectPaths.ts";
import { knownRange } from "../codeRules.ts";
import { type Slot, type SlotContext, slugOf } from "./slot.ts";

/** What a framework's package.json always has. */
export interface PackageTemplate {
  scripts: Readonly<Record<string, string>>;
  dependencies: readonly string[];
  devDependencies: readonly string[];
  isModule: boolean | ((context: SlotContext) => boolean);
}

/** The slot of package.json for a framework. */
export function packageSlot(template: PackageTemplate | ((context: SlotContext) => PackageTemplate)): Slot {
  return {
    paths: ["package.json"],
    required: true,
    path: () => "package.json",
    make: (context) => packageJson(context, typeof template === "function" ? template(context) : template),
  };
}

function packageJson(context: SlotContext, template: PackageTemplate): ProjectFile {
  const runtime = new Map<string, string>();
  const development = new Map<string, string>();
  const always = [...template.dependencies, ...template.devDependencies];
  for (const name of importedPackages(context, always)) {
    const known = knownRange(name);
    if (known === undefined) continue;
    const isTool = known.list === "devDependencies" || template.devDependencies.includes(name);
    (isTool ? development : runtime).set(name, known.range);
  }
  if (context.usesTypescript) development.set("typescript", knownRange("typescript")!.range);
  const isModule = typeof template.isModule === "function" ? template.isModule(context) : template.isModule;
  const content = {
    name: slugOf(context.title),
    private: true,
    version: "0.1.0",
    ...(isModule ? { type: "module" } : {}),
    scripts: template.scripts,
    dependencies: sorted(runtime),
    devDependencies: sorted(development),
  };
  return { path: "package.json", content: `${JSON.stringify(content, null, 2)}\n` };
}

const SPECIFIER = /["'`]((?:@[\w.-]+\/)?[\w.-]+)(?:\/[^"'`\s]*)?["'`]/g;

/** Reading a tree is what costs, so that only files are read which may bring a package that is not listed yet. */
function importedPackages({ project }: SlotContext, listed: Iterable<string>): string[] {
  const names = new Set(listed);
  for (const file of project.files.values()) {
    if (!file.isCode || file.skipped !== null || !mayBring(file.content, names)) continue;
    for (const { specifier } of file.outline.links) {
      const target = project.resolve(file.path, specifier);
      if (target.kind === "package") names.add(target.name);
    }
    file.release();
  }
  return [...names];
}

function mayBring(content: string, names: ReadonlySet<string>): boolean {
  return [...content.matchAll(SPECIFIER)].some(([, name]) =>
    knownRange(name!) !== undefined && !names.has(name!)
  );
}

function sorted(entries: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...entries].toSorted(([one], [other]) => one < other ? -1 : 1));
}
