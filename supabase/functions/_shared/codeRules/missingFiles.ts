/** Specifiers of the project's own files that name none, and the file that each can only mean. @module */

import type { FileModel } from "./fileModel.ts";
import { specifierOf } from "./providers.ts";
import type { Finding } from "./model.ts";
import type { ModuleLink } from "./modules.ts";
import { baseName, distance, folderOf, withoutEnding } from "./paths.ts";
import type { Project } from "./project.ts";

/** A link that leads nowhere. */
export interface DeadLink {
  link: ModuleLink;
  wanted: string;
  /** The one file that it can mean. */
  meant: string | undefined;
  /** How the file is found: only the case differs, it lies elsewhere, or a letter does. */
  reason: "case" | "place" | "spelling" | "none";
}

const ASSET = /\.(?:svg|png|jpe?g|gif|webp|avif|ico|woff2?|ttf|mp[34]|webm|pdf|wasm|glb)$/;

/** The dead links of a file. */
export function deadLinks(file: FileModel, project: Project): DeadLink[] {
  if (!project.isComplete) return [];
  return file.modules.links.flatMap((link): DeadLink[] => {
    const target = project.resolve(file.path, link.specifier);
    if (target.kind !== "missing" || isGenerated(link.specifier)) return [];
    return [{ link, wanted: target.wanted, ...findMeant(file, project, link, target.wanted) }];
  });
}

/** Tools write these when the project is built. */
function isGenerated(specifier: string): boolean {
  return /\$types$|(?:^|\/)(?:dist|build|out|coverage|node_modules)\/|(?:^|\/)\.(?:next|svelte-kit|astro|vinxi)\/|\/generated\/|database\.types/
    .test(specifier);
}

function findMeant(
  file: FileModel,
  project: Project,
  link: ModuleLink,
  wanted: string,
): Pick<DeadLink, "meant" | "reason"> {
  const paths = [...project.files.keys()].filter((path) => path !== file.path && isImportable(path));
  const plain = moduleName(wanted);
  const choose = (test: (path: string) => boolean) => {
    const hits = paths.filter((path) => test(path) && hasNames(project, path, link));
    return hits.length === 1 ? hits[0] : undefined;
  };
  const sameCase = choose((path) => moduleName(path).toLowerCase() === plain.toLowerCase());
  if (sameCase !== undefined) return { meant: sameCase, reason: "case" };
  const name = baseName(plain);
  const elsewhere = choose((path) => baseName(moduleName(path)) === name);
  if (elsewhere !== undefined) return { meant: elsewhere, reason: "place" };
  const spelling = choose((path) => isAlike(moduleName(path), plain)) ??
    onlyExporter(project, paths, link, wanted);
  return spelling === undefined
    ? { meant: undefined, reason: "none" }
    : { meant: spelling, reason: "spelling" };
}

/** The one file near by that exports all that is imported, by name. */
function onlyExporter(
  project: Project,
  paths: readonly string[],
  { names }: ModuleLink,
  wanted: string,
): string | undefined {
  if (names.length === 0 || names.some(({ imported }) => /^(?:default|\*)$/.test(imported))) return undefined;
  const hits = paths.filter((path) =>
    names.every(({ imported }) => {
      const found = project.findExport(path, imported);
      return found !== undefined && found !== "unknown";
    })
  );
  const [one] = hits;
  return hits.length === 1 && folderOf(one!) === folderOf(wanted) && beginAlike(one!, wanted)
    ? one
    : undefined;
}

/** `validation` for `validate`: a file that was not sent may export the same names under another one. */
function beginAlike(path: string, wanted: string): boolean {
  const [name, other] = [
    baseName(moduleName(path)).toLowerCase(),
    baseName(moduleName(wanted)).toLowerCase(),
  ];
  let same = 0;
  while (same < Math.min(name.length, other.length) && name[same] === other[same]) same++;
  return same >= 4 && same >= 0.6 * Math.min(name.length, other.length);
}

function isImportable(path: string): boolean {
  return /\.(?:[cm]?[jt]sx?|vue|svelte|json|css)$/.test(path) &&
    !/\.d\.ts$|(?:^|\/)package\.json$/.test(path);
}

function moduleName(path: string): string {
  const plain = /\.(?:[cm]?[jt]sx?|vue|svelte)$/.test(path) ? withoutEnding(path) : path;
  return plain.replace(/\/index$/, "");
}

/** The names in the same folder may differ by a letter, and so may the folder of the same name. */
function isAlike(path: string, wanted: string): boolean {
  const [name, other] = [baseName(path), baseName(wanted)];
  if (name.length < 4 || other.length < 4) {
    // Of short names one letter is much: it has to be lost, behind a first one that is the same.
    return name.length === other.length + 1 && other.length >= 2 && name[0] === other[0] &&
      folderOf(path) === folderOf(wanted) && distance(name, other, 1) <= 1;
  }
  const startsAlike = name.slice(0, 3).toLowerCase() === other.slice(0, 3).toLowerCase();
  const most = other.length >= 9 || (other.length >= 6 && startsAlike) ? 2 : 1;
  const isNear = distance(name.toLowerCase(), other.toLowerCase(), most) <= most;
  return isNear && folderOf(path).toLowerCase() === folderOf(wanted).toLowerCase();
}

function hasNames(project: Project, path: string, link: ModuleLink): boolean {
  return link.names.every(({ imported }) =>
    imported === "*" || project.findExport(path, imported) !== undefined
  );
}

/** The findings for links that are dead for one reason. */
export function deadLinkFindings(file: FileModel, project: Project, reason: DeadLink["reason"]): Finding[] {
  return deadLinks(file, project).filter((dead) => dead.reason === reason).map(({ link, meant }): Finding => {
    const message = `${link.specifier} names no file`;
    if (meant === undefined) {
      const isAsset = ASSET.test(link.specifier);
      return { message: isAsset ? `${message}: the asset is missing` : message, at: link.source.start };
    }
    const quote = file.text(link.source)[0]!;
    const specifier = rewritten(file, project, link, meant);
    return {
      message: `${message}; ${meant} is meant`,
      at: link.source.start,
      fix: {
        description: `import from ${specifier}`,
        confidence: reason === "spelling" ? 0.85 : 0.93,
        edits: [{
          path: file.path,
          start: link.source.start,
          end: link.source.end,
          text: quote + specifier + quote,
        }],
      },
    };
  });
}

/** In the manner of the specifier that was wrong: by an alias, with an ending. */
function rewritten(file: FileModel, project: Project, { specifier }: ModuleLink, meant: string): string {
  const isAliased = !specifier.startsWith(".");
  const ending = /\.(?:[cm]?[jt]sx?|vue|svelte|json|css)$/.exec(specifier)?.[0];
  const alias = isAliased ? project.aliased(meant) : undefined;
  const full = alias ?? specifierOf(file, project, meant);
  const bare = /\.[cm]?[jt]sx?$/.test(full) ? withoutEnding(full) : full;
  const short = bare.replace(/\/index$/, "");
  if (ending === undefined || /\.(?:vue|svelte|json|css)$/.test(short)) return short;
  const own = /\.[cm]?[jt]sx?$/.exec(meant)?.[0] ?? ending;
  return short +
    (/^\.[cm]?js$/.test(ending) && project.findModule(withoutEnding(meant) + ending) === meant
      ? ending
      : own);
}
