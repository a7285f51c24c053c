/** A variable that nothing reads. @module */

import { around, child, isPure, list } from "../nodes.ts";
import type { FileModel } from "../fileModel.ts";
import type { CodeFix, CodeRule, Finding } from "../model.ts";
import type { Project } from "../project.ts";
import { isFrameworkExport } from "../frameworkExports.ts";
import { isMentioned, removalConfidence, wholeLines } from "../removal.ts";
import type { Declaration } from "../scopes.ts";
import { leavesCodeOut } from "../omitted.ts";

/** Takes it away when making its value does nothing else. */
export const unusedVariable: CodeRule = {
  name: "unused-variable",
  severity: "warning",
  autoFixable: true,
  appliesTo: ["script", "vue", "svelte"],
  check(file, project) {
    const declarations = file.names?.declarations ?? [];
    return declarations.filter((one) => isUnused(file, one) && !isWanted(file, project, one)).map((
      one,
    ): Finding => ({
      message: `${one.name} is declared and not used`,
      at: one.identifier.start,
      fix: fixOf(file, project, one),
    }));
  },
};

function isUnused(file: FileModel, one: Declaration): boolean {
  const isVariable = one.kind === "const" || one.kind === "let" || one.kind === "var";
  if (!isVariable || one.references.length > 0 || one.exported || one.name.startsWith("_")) return false;
  if (one.owner.type !== "VariableDeclarator" || child(one.owner, "id") !== one.identifier) return false;
  if (
    one.owner.parent?.declare === true || isAmbient(one) || /^For/.test(one.owner.parent?.parent?.type ?? "")
  ) return false;
  const others = one.scope.names.get(one.name) ?? [];
  return others.length === 1 && !file.markupNames.has(one.name) && !isMentioned(file, one.name) &&
    !isSharedWithPage(file, one);
}

/** Another file imports it: it misses its export, and not its use. */
function isWanted(file: FileModel, project: Project, { name, scope }: Declaration): boolean {
  if (scope.parent !== undefined || file.kind !== "script") return false;
  if (isFrameworkExport(project.framework, file.path, name)) return true;
  return project.importersOf(file.path).some(({ path, outline }) =>
    outline.links.some(({ specifier, imported }) => {
      const target = imported.includes(name) ? project.resolve(path, specifier) : undefined;
      return target?.kind === "file" && target.path === file.path;
    })
  );
}

/** What is declared for others to find, as in `declare global`. */
function isAmbient({ owner }: Declaration): boolean {
  return around(owner, new Set(["TSModuleDeclaration"])) !== undefined;
}

/** The top of a plain script is seen by the other scripts of the page. */
function isSharedWithPage(file: FileModel, one: Declaration): boolean {
  const isPlain = file.kind === "script" && file.modules.links.length === 0 &&
    file.modules.exports.size === 0;
  return isPlain && one.scope.parent === undefined;
}

function fixOf(file: FileModel, project: Project, { owner, name }: Declaration): CodeFix | undefined {
  const statement = owner.parent!;
  if (!isPure(child(owner, "init")) || list(statement, "declarations").length > 1) return undefined;
  const edit = wholeLines(file.content, statement.start, statement.end);
  return {
    description: `remove ${name}`,
    confidence: leavesCodeOut(file) ? 0.5 : removalConfidence(file, project),
    edits: [{ ...edit, path: file.path }],
  };
}
