/** The names that a file uses and nobody declares. @module */

import type { SyntaxNode } from "../core/codeSyntax.ts";
import type { FileModel } from "./fileModel.ts";
import { isGlobal } from "./globals.ts";
import { importEdits } from "./imports.ts";
import type { Finding } from "./model.ts";
import { PLATFORM_TYPES } from "./platformTypes.ts";
import type { Project } from "./project.ts";
import { componentsOf, type NameUse, type Provider, providersOf } from "./providers.ts";
import type { Names } from "./scopes.ts";

/** A name that is used and not declared. */
export interface MissingName {
  name: string;
  node: SyntaxNode | undefined;
  at: number;
  use: NameUse;
  providers: Provider[];
}

// By the names that were read, so that nothing keeps a tree which its file has let go.
const MISSING = new WeakMap<Names, { names: MissingName[]; project: Project }>();

/** The missing names of a file, each once. */
export function missingNames(file: FileModel, project: Project): MissingName[] {
  if (file.names === null) return [];
  const known = MISSING.get(file.names);
  if (known !== undefined && known.project === project) return known.names;
  const names = findMissing(file, project);
  MISSING.set(file.names, { names, project });
  return names;
}

function findMissing(file: FileModel, project: Project): MissingName[] {
  if (file.names === null || !isModule(file) || hasAutoImports(file, project)) return [];
  const found = new Map<string, MissingName>();
  for (const { name, node, use, declaration } of file.names.references) {
    if (declaration !== undefined || use === "write" || found.has(name) || !isMissing(file, name, use)) {
      continue;
    }
    const providers = providersOf(file, project, name, use);
    found.set(name, { name, node, at: node.start, use, providers });
  }
  for (const { name, at } of file.markupTags) {
    if (found.has(name) || !isMissingTag(file, name)) continue;
    found.set(name, { name, node: undefined, at, use: "jsx", providers: componentsOf(file, project, name) });
  }
  for (const { name, at } of storesOf(file)) {
    const providers = found.has(name) ? [] : providersOf(file, project, name, "value");
    if (providers.length > 0) found.set(name, { name, node: undefined, at, use: "value", providers });
  }
  for (const { name, at } of file.markupCalls) {
    if (found.has(name) || !isMissingCall(file, name)) continue;
    const providers = providersOf(file, project, name, "value");
    // What nobody provides may be declared in ways that are not read here.
    if (providers.length > 0) found.set(name, { name, node: undefined, at, use: "value", providers });
  }
  return [...found.values()];
}

const RUNES = new Set(["state", "derived", "effect", "props", "bindable", "inspect", "host"]);

/** `$count` in a component of Svelte is what the store `count` holds. */
function storesOf(file: FileModel): { name: string; at: number }[] {
  if (file.kind !== "svelte") return [];
  const declared = (name: string) => file.names?.root.names.has(name) === true;
  return [...file.content.matchAll(/(?<![\w$.\\])\$([A-Za-z_]\w*)(?![\w(])/g)]
    .map((match) => ({ name: match[1]!, at: match.index }))
    .filter(({ name }) => !RUNES.has(name) && !declared(name) && !declared(`$${name}`));
}

/** Called in the markup, and said nowhere in the script: no property, and nothing that it declares. */
function isMissingCall(file: FileModel, name: string): boolean {
  if (file.kind === "vue" && !/<script\b[^>]*\bsetup\b/.test(file.content)) return false;
  return !name.startsWith("$") && !isGlobal(name) &&
    !new RegExp(`(?<![\\w$])${name.replaceAll("$", "\\$")}(?![\\w$])`).test(file.code);
}

/** A plain script may get its names from another one on the same page. */
function isModule(file: FileModel): boolean {
  return file.kind !== "script" || file.modules.links.length > 0 || file.modules.exports.size > 0 ||
    file.modules.isCommonJs || /\.[cm]?[jt]sx$|\.[cm]?ts$/.test(file.path);
}

function hasAutoImports(file: FileModel, project: Project): boolean {
  return ["nuxt", "unplugin-auto-import", "unplugin-vue-components", "@nuxt/kit"].some((name) =>
    project.depends(file.path, name)
  );
}

function isMissing(file: FileModel, name: string, use: string): boolean {
  if (file.kind === "svelte" && name.startsWith("$")) return false;
  if (name === "this") return false;
  if (name === "React") return use !== "type";
  // `<Image>` and `<Link>` are components, whatever the browser calls so.
  if (use === "jsx") return true;
  if (use === "value") return !isGlobal(name) || isKnownValue(name);
  return !isGlobal(name) && !PLATFORM_TYPES.has(name);
}

/** Names that the platform has too, but that this code cannot mean as a value. */
function isKnownValue(name: string): boolean {
  return name === "React";
}

function isMissingTag(file: FileModel, name: string): boolean {
  const builtIn =
    /^(?:RouterLink|RouterView|Transition|TransitionGroup|KeepAlive|Teleport|Suspense|Component|Slot|NuxtLink)$/;
  if (builtIn.test(name)) return false;
  if (file.kind === "vue" && !/<script\b[^>]*\bsetup\b/.test(file.content)) return false;
  return file.names?.root.names.get(name) === undefined &&
    file.names?.root.names.get(name[0]!.toLowerCase() + name.slice(1)) === undefined;
}

/** The findings of the missing names that one rule answers for. */
export function importFindings(
  file: FileModel,
  project: Project,
  belongs: (missing: MissingName, provider: Provider) => boolean,
): Finding[] {
  return missingNames(file, project).flatMap((missing) => {
    const first = missing.providers[0];
    if (first === undefined || !belongs(missing, first)) return [];
    const message = `${missing.name} is not imported`;
    const isSure = missing.providers.length === 1;
    const edits = isSure ? importEdits(file, { ...first, local: missing.name }) : null;
    if (edits === null) {
      const choices = missing.providers.map(({ specifier }) => specifier).join(", ");
      return [{ message: `${message}; it may come from ${choices}`, at: missing.at }];
    }
    return [{
      message,
      at: missing.at,
      fix: {
        description: `import ${missing.name} from ${first.specifier}`,
        confidence: 0.95,
        edits: edits.map((edit) => ({ ...edit, path: file.path })),
      },
    }];
  });
}
