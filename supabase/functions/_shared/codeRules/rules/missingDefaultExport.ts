/** A page or layout without a default export, or a component that others import as the default and that is none. @module */

import { styleOf } from "../imports.ts";
import type { FileModel } from "../fileModel.ts";
import type { CodeFix, CodeRule, Finding } from "../model.ts";
import type { Project } from "../project.ts";
import { baseName, withoutEnding } from "../paths.ts";

/** Makes the file's only component, or the one of its name, the default. */
export const missingDefaultExport: CodeRule = {
  name: "missing-default-export",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script"],
  check(file, project): Finding[] {
    if (file.modules.exports.has("default") || file.modules.isCommonJs || file.modules.stars.length > 0) {
      return [];
    }
    if (!isRoute(file, project) && !isImportedAsDefault(file, project)) return [];
    return [{ message: "It has no default export", at: 0, fix: fixOf(file) }];
  },
};

function isRoute(file: FileModel, project: Project): boolean {
  if (project.framework !== "next") return false;
  return /(?:^|\/)app\/(?:.*\/)?(?:page|layout|loading|not-found|template)\.[jt]sx$/.test(file.path) ||
    (/(?:^|\/)pages\/(?!api\/)[\w/[\]-]+\.[jt]sx$/.test(file.path));
}

/** Where a name is exported, the importer is wrong and not the file. */
function isImportedAsDefault(file: FileModel, project: Project): boolean {
  const isNamed = [...file.modules.exports.values()].some(({ isType }) => !isType);
  return !isNamed &&
    project.importersOf(file.path).some((other) =>
      other.outline.links.some(({ specifier, imported }) => {
        const target = project.resolve(other.path, specifier);
        return target.kind === "file" && target.path === file.path && imported.includes("default");
      })
    );
}

function fixOf(file: FileModel): CodeFix | undefined {
  const declared = (file.names?.declarations ?? []).filter(({ scope, kind, name }) =>
    scope.parent === undefined && /^(?:function|class|const)$/.test(kind) && /^[A-Z]/.test(name)
  );
  const wanted = withoutEnding(baseName(file.path)).toLowerCase();
  const one = declared.find(({ name }) => name.toLowerCase() === wanted) ??
    (declared.length === 1 ? declared[0] : undefined) ?? onlyMade(file);
  if (one === undefined) return undefined;
  const { path } = file;
  const named = one.owner.parent;
  if (named?.type === "ExportNamedDeclaration" && one.kind !== "const") {
    const edits = [{ path, start: one.owner.start, end: one.owner.start, text: "default " }];
    return { description: `export ${one.name} as the default`, confidence: 0.88, edits };
  }
  const isPlain = (one.kind === "function" || one.kind === "class") && one.owner.parent?.type === "Program";
  const end = file.content.trimEnd().length;
  const edits = isPlain
    ? [{ path, start: one.owner.start, end: one.owner.start, text: "export default " }]
    : [{ path, start: end, end, text: `\n\nexport default ${one.name}${styleOf(file).end}` }];
  return { description: `export ${one.name} as the default`, confidence: 0.9, edits };
}

/** The one thing that a module without components makes. */
function onlyMade(file: FileModel) {
  const made = (file.names?.declarations ?? []).filter(({ scope, kind }) =>
    scope.parent === undefined && /^(?:function|class|const)$/.test(kind)
  );
  return made.length === 1 ? made[0] : undefined;
}
