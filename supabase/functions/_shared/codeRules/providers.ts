/** Where a name that a file misses could come from: packages of the table, files of the project, and what its files do. @module */

import type { FileModel } from "./fileModel.ts";
import { knownNames, NODE_MODULES } from "./knownModules.ts";
import { edgeSpecifier } from "./knownVersions.ts";
import { baseName, relativeTo, withoutEnding } from "./paths.ts";
import type { Project } from "./project.ts";

/** How a name is used. */
export type NameUse = "value" | "type" | "jsx";

/** Where a name could come from. */
export interface Provider {
  source: "react" | "package" | "project";
  specifier: string;
  imported: string;
  isType: boolean;
}

/** Every place that a name may come from, the packages first. */
export function providersOf(file: FileModel, project: Project, name: string, use: NameUse): Provider[] {
  const told = generatedTypes(file, name, use) ?? asOthersImport(file, project, name, use);
  if (told !== undefined) return [told];
  const packages = packagesOf(file, project, name, use);
  const files = filesOf(file, project, name, use);
  // An edge function may have any package; the project's own name is nearer than one that it does not use.
  const near = project.isEdge(file.path) && files.length > 0
    ? packages.filter(({ specifier }) => usesSpecifier(project, specifier))
    : packages;
  const all = [...near, ...files];
  // The names of icons are everyday words: they are meant where nothing else is.
  const others = all.filter(({ specifier }) => !ICONS.test(specifier));
  return others.length > 0 ? others : all;
}

const ICONS = /^lucide-/;

const ROUTE_TYPES =
  /^(?:Page|Layout)(?:Server)?(?:Load|LoadEvent|Data)$|^(?:PageProps|LayoutProps|Actions|ActionData|RequestHandler|EntryGenerator)$/;

/** What the kit of Svelte writes beside each route. */
function generatedTypes(file: FileModel, name: string, use: NameUse): Provider | undefined {
  const isRoute = /(?:^|\/)\+[\w.-]+$/.test(file.path);
  if (!isRoute || use !== "type" || !ROUTE_TYPES.test(name)) return undefined;
  return { source: "package", specifier: "./$types", imported: name, isType: true };
}

/** As the other files of the project import the same name, when all of those do it in one way. */
function asOthersImport(
  file: FileModel,
  project: Project,
  name: string,
  use: NameUse,
): Provider | undefined {
  const found = new Map<string, Provider>();
  for (const other of project.files.values()) {
    if (other === file || !other.isCode || other.skipped !== null || !other.content.includes(name)) continue;
    for (const { specifier, kind, local, imported } of other.outline.links) {
      const at = kind === "import" ? local.indexOf(name) : -1;
      if (at < 0) continue;
      const target = project.resolve(other.path, specifier);
      if (target.kind === "missing" || (target.kind === "file" && target.path === file.path)) {
        return undefined;
      }
      const own = target.kind === "file" ? specifierOf(file, project, target.path) : specifier;
      const isType = use === "type" &&
        (target.kind !== "file" || isTypeIn(project, target.path, imported[at]!));
      found.set(`${own}\n${imported[at]}`, {
        source: target.kind === "file"
          ? "project"
          : /^react(?:-dom)?(?:\/|$)/.test(specifier)
          ? "react"
          : "package",
        specifier: own,
        imported: imported[at]!,
        isType,
      });
    }
  }
  return found.size === 1 ? [...found.values()][0] : undefined;
}

function isTypeIn(project: Project, path: string, name: string): boolean {
  const exported = project.findExport(path, name);
  return exported !== undefined && exported !== "unknown" && exported.isType;
}

function usesSpecifier(project: Project, specifier: string): boolean {
  return [...project.files.values()].some((file) =>
    file.isCode && file.skipped === null && file.content.includes(specifier) &&
    file.outline.links.some((link) => link.specifier === specifier)
  );
}

function packagesOf(file: FileModel, project: Project, name: string, use: NameUse): Provider[] {
  return knownNames(name).flatMap(({ module, kind, isType }): Provider[] => {
    if (isType && use !== "type") return [];
    const specifier = availableAs(file, project, module);
    if (specifier === undefined) return [];
    const isReact = /^react(?:-dom)?(?:\/|$)/.test(module);
    const imported = kind === "named" ? name : kind === "default" ? "default" : "*";
    return [{ source: isReact ? "react" : "package", specifier, imported, isType: use === "type" }];
  });
}

/** How the file would name a module of the table; undefined when the project does not have it. */
function availableAs(file: FileModel, project: Project, module: string): string | undefined {
  const own = file.modules.links.find(({ specifier }) => bare(specifier) === bare(module));
  if (own !== undefined) return own.specifier;
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(module)![0];
  if (module.startsWith("node:")) {
    const runsOnServer = project.isEdge(file.path) || project.framework === "node" ||
      project.framework === "next" ||
      /(?:^|\/)(?:server|api|scripts?)\/|config\.[cm]?[jt]s$/.test(file.path);
    if (!runsOnServer) return undefined;
    return file.modules.isCommonJs && usesBareNode(file) ? bare(module) : module;
  }
  if (project.isEdge(file.path)) return edgeSpecifier(name, module);
  if (project.depends(file.path, name)) return module;
  // What the kit brings goes by names of its own.
  if (module.startsWith("$app/")) return project.depends(file.path, "@sveltejs/kit") ? module : undefined;
  const isAlone = project.manifestFor(file.path) === null;
  return isAlone && name === "react" && (/\.[jt]sx$/.test(file.path) || file.nodes("JSXElement").length > 0)
    ? module
    : undefined;
}

function bare(specifier: string): string {
  return specifier.replace(/^node:/, "");
}

function usesBareNode(file: FileModel): boolean {
  return file.modules.links.every(({ specifier }) => !specifier.startsWith("node:")) &&
    file.modules.links.some(({ specifier }) => NODE_MODULES.has(specifier));
}

function filesOf(file: FileModel, project: Project, name: string, use: NameUse): Provider[] {
  const exporters = project.exportersOf(name).filter(({ path, exported }) =>
    path !== file.path && (use === "type" || !exported.isType) && canReach(file, project, path) &&
    !/\.(?:test|spec|stories)\.[jt]sx?$/.test(path)
  );
  const scripts = exporters.map(({ path, exported }): Provider => ({
    source: "project",
    specifier: specifierOf(file, project, path),
    imported: exported.name,
    isType: exported.isType,
  }));
  const mayBeComponent = use === "jsx" || (use === "value" && /^[A-Z]/.test(name) && scripts.length === 0);
  return mayBeComponent ? [...scripts, ...componentsOf(file, project, name)] : scripts;
}

/** What is written for `require` is offered to what requires. */
function canReach(file: FileModel, project: Project, path: string): boolean {
  return project.file(path)?.outline.isCommonJs !== true || file.modules.isCommonJs;
}

/** Components that are files: the name of the file is the name of the component. */
export function componentsOf(file: FileModel, project: Project, name: string): Provider[] {
  return [...project.files.keys()].filter((path) =>
    /\.(?:vue|svelte)$/.test(path) && path !== file.path && withoutEnding(baseName(path)) === name
  ).map((path) => ({
    source: "project",
    specifier: specifierOf(file, project, path),
    imported: "default",
    isType: false,
  }));
}

/** By the alias where the file uses it already, else relative. */
export function specifierOf(file: FileModel, project: Project, path: string): string {
  const relative = project.specifierFor(file.path, path, relativeTo);
  const own = file.modules.links.filter(({ specifier }) => /^(?:\.|@\/|\$lib\/)/.test(specifier));
  const aliased = own.filter(({ specifier }) => !specifier.startsWith("."));
  const needsEnding = own.some(({ specifier }) => /^\.{1,2}\/.*\.[cm]?[jt]sx?$/.test(specifier));
  // Who writes an alias for what lies elsewhere still writes `./` for what lies beside it.
  const climbs = own.some(({ specifier }) => specifier.startsWith("../"));
  if (aliased.length > 0 && !climbs && (relative.startsWith("../") || aliased.length === own.length)) {
    const alias = project.aliased(path);
    if (alias !== undefined) {
      return needsEnding || /\.(?:vue|svelte)$/.test(path)
        ? alias
        : withoutEnding(alias).replace(/\/index$/, "");
    }
  }
  if (aliased.length === 0 && !climbs && relative.startsWith("../") && climbsByAlias(project)) {
    const alias = project.aliased(path);
    if (alias !== undefined) {
      return /\.(?:vue|svelte)$/.test(path) ? alias : withoutEnding(alias).replace(/\/index$/, "");
    }
  }
  const isNodeModule = project.manifestFor(file.path)?.isModule === true && project.framework === "node";
  if (!needsEnding && !isNodeModule) return relative;
  const ending = /\.[cm]?[jt]sx?$/.exec(path)?.[0] ?? "";
  const written = needsEnding
    ? own.some(({ specifier }) => specifier.endsWith(".js")) ? ".js" : ending
    : ".js";
  return /\.(?:vue|svelte|json|css|[cm]?[jt]sx?)$/.test(relative) ? relative : `${relative}${written}`;
}

/** True where the project's files name what lies elsewhere by an alias and not by `../`. */
function climbsByAlias(project: Project): boolean {
  let [aliased, climbing] = [0, 0];
  for (const file of project.files.values()) {
    if (!file.isCode || file.skipped !== null || !/["'](?:@\/|\$lib\/|\.\.\/)/.test(file.content)) continue;
    for (const { specifier } of file.outline.links) {
      if (specifier.startsWith("../")) climbing++;
      else if (/^(?:@|\$lib)\//.test(specifier)) aliased++;
    }
  }
  return aliased > 2 * climbing;
}
