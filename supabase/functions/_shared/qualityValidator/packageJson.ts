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
  for (const name of [...template.dependencies, ...template.devDependencies, ...importedPackages(context)]) {
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

function importedPackages({ project }: SlotContext): string[] {
  return [...project.files.values()].flatMap((file) =>
    file.isCode && file.skipped === null
      ? file.outline.links.flatMap(({ specifier }) => {
        const target = project.resolve(file.path, specifier);
        return target.kind === "package" ? [target.name] : [];
      })
      : []
  );
}

function sorted(entries: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...entries].toSorted(([one], [other]) => one < other ? -1 : 1));
}
