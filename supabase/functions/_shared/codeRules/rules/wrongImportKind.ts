/** A default import of a module that has none, or a named import of what is the default. @module */

import type { FileEdit } from "../model.ts";
import type { FileModel } from "../fileModel.ts";
import type { CodeRule, Finding } from "../model.ts";
import type { ImportedName, ModuleLink } from "../modules.ts";
import type { Project } from "../project.ts";
import { nameRemoval } from "../removal.ts";
import { defaultInstead } from "../defaults.ts";
import { knownExport } from "../knownModules.ts";

/** Imports it as the module exports it. */
export const wrongImportKind: CodeRule = {
  name: "wrong-import-kind",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script", "vue", "svelte"],
  check(file, project) {
    return file.modules.links.flatMap((link) =>
      link.kind !== "import" && link.kind !== "export" ? [] : link.names.flatMap((name): Finding[] => {
        const wanted = wantedKind(file, project, link, name);
        if (wanted === null) return [];
        const edits = link.kind === "export"
          ? reexport(file, name, wanted)
          : link.names.length === 1
          ? [rewrite(file, name, wanted)]
          : splitName(file, link, name, wanted);
        const fix = edits === null
          ? undefined
          : { description: `import ${name.local} as the module exports it`, confidence: 0.92, edits };
        const how = wanted === "default" ? "its default" : `${wanted} by name`;
        return [{ message: `${link.specifier} exports ${how}`, at: name.node.start, fix }];
      })
    );
  },
};

/** How the name should be imported; null when it is right, or nobody can tell. */
function wantedKind(
  file: FileModel,
  project: Project,
  link: ModuleLink,
  { imported, local }: ImportedName,
): string | null {
  const target = project.resolve(file.path, link.specifier);
  if (target.kind === "package") return knownKind(link.specifier, imported, local);
  if (target.kind !== "file") return null;
  const component = /\.(?:vue|svelte)$/.test(target.path) && project.file(target.path)?.skipped === null;
  if (component && imported !== "default") return project.framework === "svelte" ? null : "default";
  if (imported === "*" || project.findExport(target.path, imported) !== undefined) return null;
  if (imported !== "default") return defaultInstead(project, target.path, imported);
  const named = project.findExport(target.path, local);
  if (named !== undefined && named !== "unknown") return local;
  return onlyExport(project, target.path, local);
}

function knownKind(specifier: string, imported: string, local: string): string | null {
  if (imported === "default") {
    const known = knownExport(specifier, local);
    const standalone = specifier === "react" || specifier === "react-dom" || known?.kind !== "named";
    return standalone ? null : local;
  }
  return knownExport(specifier, imported)?.kind === "default" &&
      /^(?:axios|cors|helmet|morgan|dayjs|next\/(?:link|image|head|script|dynamic))$/.test(specifier) &&
      imported !== "axios"
    ? "default"
    : null;
}

/** A file with one component means that one, whatever the importer calls it. */
function onlyExport(project: Project, path: string, local: string): string | null {
  const target = project.file(path)!;
  const names = [...target.outline.exports.values()].filter(({ isType }) => !isType);
  const isOnly = names.length === 1 && target.outline.stars.length === 0;
  return isOnly && names[0]!.name.toLowerCase() === local.toLowerCase() ? names[0]!.name : null;
}

function clauseOf(local: string, wanted: string): string {
  if (wanted === "default") return local;
  return wanted === local ? `{ ${local} }` : `{ ${wanted} as ${local} }`;
}

function reexport(file: FileModel, { node, local }: ImportedName, wanted: string): FileEdit[] {
  return [{ path: file.path, start: node.start, end: node.end, text: `${wanted} as ${local}` }];
}

function rewrite(file: FileModel, { local, node }: ImportedName, wanted: string): FileEdit {
  const isNamed = node.type === "ImportSpecifier";
  const start = isNamed ? file.content.lastIndexOf("{", node.start) : node.start;
  const end = isNamed ? file.content.indexOf("}", node.end) + 1 : node.end;
  return { path: file.path, start, end, text: clauseOf(local, wanted) };
}

/** `import A, { b }` where A is a named export too: it moves into the braces. */
function splitName(file: FileModel, link: ModuleLink, name: ImportedName, wanted: string): FileEdit[] | null {
  const { path, content } = file;
  if (name.imported === "default") {
    const brace = content.indexOf("{", name.node.end);
    if (brace === -1 || brace > link.source.start) return null;
    const inner = wanted === name.local ? name.local : `${wanted} as ${name.local}`;
    return [{ path, start: name.node.start, end: brace + 1, text: `{ ${inner},` }];
  }
  if (link.names.some(({ imported }) => imported === "default")) return null;
  const open = content.lastIndexOf("{", name.node.start);
  const removal = { path, ...nameRemoval(content, name.node) };
  return [{ path, start: open, end: open, text: `${name.local}, ` }, removal];
}
