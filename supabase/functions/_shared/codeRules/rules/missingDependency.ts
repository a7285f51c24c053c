/** A package that is imported and that package.json does not list. @module */

import { isRecord } from "../../core/unknownValues.ts";
import type { FileModel } from "../fileModel.ts";
import { NODE_MODULES } from "../knownModules.ts";
import { knownRange } from "../knownVersions.ts";
import type { CodeFix, CodeRule, Finding } from "../model.ts";
import { child, list, nameOf } from "../nodes.ts";
import type { Project } from "../project.ts";
import { jsonTree, type Manifest, propertyOf } from "../projectSettings.ts";

/** Adds it, with the range that the project uses elsewhere or that the table has; never a package that is unknown. */
export const missingDependency: CodeRule = {
  name: "missing-dependency",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script", "vue", "svelte"],
  check(file, project) {
    const manifest = project.packageListFor(file.path);
    if (manifest === null || project.isEdge(file.path)) return [];
    const seen = new Set<string>();
    return file.modules.links.flatMap((link): Finding[] => {
      const target = project.resolve(file.path, link.specifier);
      if (target.kind !== "package" || seen.has(target.name) || link.typeOnly) return [];
      seen.add(target.name);
      if (isListed(target.name, manifest) || hasOwnScheme(link.specifier)) return [];
      const fix = isTest(file.path) ? undefined : additionOf(target.name, project, manifest, file);
      const advice = fix === undefined && !isTest(file.path)
        ? ": nobody here vouches for a package of that name"
        : "";
      return [{
        message: `${target.name} is not listed in ${manifest.path}${advice}`,
        at: link.source.start,
        fix,
      }];
    });
  },
};

/** What runs tests often stands in the package.json of a workspace further up, which is not here. */
function isTest(path: string): boolean {
  return /\.(?:test|spec)\.[cm]?[jt]sx?$|(?:^|\/)(?:tests?|__tests__|e2e|benchmarks?|examples?)\//.test(path);
}

function hasOwnScheme(specifier: string): boolean {
  return /^[a-z]+:/.test(specifier);
}

function isListed(name: string, manifest: Manifest): boolean {
  return manifest.packages.has(name) || NODE_MODULES.has(name) || name === manifest.name ||
    name.startsWith("node:") ||
    manifest.packages.has(`@types/${name.replace("@", "").replace("/", "__")}`);
}

function additionOf(
  name: string,
  project: Project,
  manifest: Manifest,
  file: FileModel,
): CodeFix | undefined {
  const known = rangeOf(name, project, manifest);
  // What a library is built and tested with is often taken out of it when it is published.
  if (known === undefined || (manifest.isLibrary && known.list === "devDependencies")) return undefined;
  const isTool = known.list === "devDependencies" || /\.config\.[cm]?[jt]s$/.test(file.path);
  const edit = entryEdit(manifest.file, isTool ? "devDependencies" : "dependencies", name, known.range);
  if (edit === null) return undefined;
  return {
    description: `add ${name} ${known.range} to ${manifest.path}`,
    confidence: 0.92,
    edits: [{ ...edit, path: manifest.path }],
  };
}

function rangeOf(name: string, project: Project, manifest: Manifest) {
  for (const other of project.manifests()) {
    const range = other.packages.get(name);
    if (range !== undefined) return { range, list: "dependencies" as const };
  }
  // These two are released together.
  const twin = name === "react-dom" ? manifest.packages.get("react") : undefined;
  return twin === undefined ? knownRange(name) : { range: twin, list: "dependencies" as const };
}

/** The insertion of one entry in the order of the names; null when the file's shape is unusual. */
export function entryEdit(file: FileModel, section: string, name: string, range: string) {
  const root = jsonTree(file);
  if (root?.type !== "ObjectExpression") return null;
  const entry = `${JSON.stringify(name)}: ${JSON.stringify(range)}`;
  const object = child(propertyOf(root, section), "value");
  if (object === undefined) return newSection(file, list(root, "properties").at(-1)?.end, section, entry);
  if (object.type !== "ObjectExpression") return null;
  const entries = list(object, "properties");
  const next = entries.find((one) => (nameOf(child(one, "key")) ?? "") > name);
  const isTall = file.text(object).includes("\n");
  const indent = isTall ? indentOf(file, entries[0]?.start ?? object.end) : "";
  if (entries.length === 0) {
    const outer = indentOf(file, object.start);
    return { start: object.start, end: object.end, text: `{\n${outer}  ${entry}\n${outer}}` };
  }
  const separator = isTall ? `,\n${indent}` : ", ";
  if (next !== undefined) return { start: next.start, end: next.start, text: `${entry}${separator}` };
  return { start: entries.at(-1)!.end, end: entries.at(-1)!.end, text: `${separator}${entry}` };
}

function newSection(file: FileModel, at: number | undefined, section: string, entry: string) {
  if (at === undefined || !isRecord(JSON.parse(file.content))) return null;
  const indent = indentOf(file, at);
  return { start: at, end: at, text: `,\n${indent}"${section}": {\n${indent}  ${entry}\n${indent}}` };
}

function indentOf(file: FileModel, at: number): string {
  return /^[ \t]*/.exec(file.content.slice(file.lineStart(at)))![0];
}
