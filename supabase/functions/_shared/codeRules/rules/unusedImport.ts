/** An import that nothing uses. @module */

import type { TextEdit } from "../../core/codeEdits.ts";
import { list } from "../nodes.ts";
import type { FileModel } from "../fileModel.ts";
import type { ImportedName, ModuleLink } from "../modules.ts";
import type { CodeRule, Finding } from "../model.ts";
import type { Project } from "../project.ts";
import { isMentioned, removalConfidence, wholeLines } from "../removal.ts";
import { isKnownModule } from "../knownModules.ts";
import { leavesCodeOut } from "../omitted.ts";

/** Takes it away; where running the module may matter, the bare import stays. */
export const unusedImport: CodeRule = {
  name: "unused-import",
  severity: "warning",
  autoFixable: true,
  appliesTo: ["script", "vue", "svelte"],
  check(file, project) {
    return file.modules.links.flatMap((link): Finding[] => {
      if (link.kind !== "import" || link.names.length === 0) return [];
      const unused = link.names.filter((name) => isUnused(file, name));
      if (unused.length === 0) return [];
      const names = unused.map(({ local }) => local).join(", ");
      const edits = removal(file, project, link, unused);
      return [{
        message: `${names} ${unused.length === 1 ? "is" : "are"} imported and not used`,
        at: unused[0]!.node.start,
        fix: {
          description: `remove the import of ${names}`,
          confidence: leavesCodeOut(file) ? 0.5 : removalConfidence(file, project),
          edits: edits.map((edit) => ({ ...edit, path: file.path })),
        },
      }];
    });
  },
};

function isUnused(file: FileModel, { local, node }: ImportedName): boolean {
  const declaration = file.names?.declarations.find(({ owner }) => owner === node);
  if (declaration === undefined || declaration.references.length > 0 || local.startsWith("_")) return false;
  if (file.markupNames.has(local) || isMentioned(file, local)) return false;
  // The classic runtime calls React for every element, without naming it.
  const isPragma = local === "React" || local === "h" || local === "Fragment" || local === "jsx";
  return !(isPragma && (file.nodes("JSXElement").length > 0 || file.nodes("JSXFragment").length > 0));
}

function removal(file: FileModel, project: Project, link: ModuleLink, unused: ImportedName[]): TextEdit[] {
  const { statement } = link;
  if (unused.length < link.names.length) return removeNames(file, link, unused);
  if (file.typescript || !mayDoSomething(file, project, link)) {
    return [wholeLines(file.content, statement.start, statement.end)];
  }
  return [{ start: link.names[0]!.node.start, end: link.source.start, text: "" }].map((edit) => {
    const start = statement.start + "import ".length;
    return { ...edit, start };
  });
}

/** In plain JavaScript an import runs its module, and some are written for that. */
function mayDoSomething(file: FileModel, project: Project, { specifier }: ModuleLink): boolean {
  if (isKnownModule(specifier)) return false;
  const target = project.resolve(file.path, specifier);
  if (target.kind !== "file") return true;
  const module = project.file(target.path);
  if (module?.kind === "vue" || module?.kind === "svelte") return false;
  const body = list(module?.tree.program ?? undefined, "body");
  return body.length === 0 ||
    body.some(({ type }) => !/^(?:Import|Export|Function|Class|Variable|TS)\w*Declaration$/.test(type));
}

function removeNames(file: FileModel, { names, statement }: ModuleLink, unused: ImportedName[]): TextEdit[] {
  const named = names.filter(({ node }) => node.type === "ImportSpecifier");
  const kept = named.filter((name) => !unused.includes(name));
  const edits: TextEdit[] = [];
  const standard = unused.find(({ node }) => node.type !== "ImportSpecifier");
  if (standard !== undefined) {
    const brace = file.content.indexOf("{", standard.node.end);
    edits.push({ start: standard.node.start, end: brace, text: "" });
  }
  if (named.length > 0 && kept.length === 0) {
    const [open, close] = [
      file.content.lastIndexOf("{", named[0]!.node.start),
      file.content.indexOf("}", named.at(-1)!.node.end),
    ];
    const comma = file.content.lastIndexOf(",", open);
    return [{ start: Math.max(comma, statement.start), end: close + 1, text: "" }];
  }
  for (const { node } of unused.filter(({ node }) => node.type === "ImportSpecifier")) {
    edits.push(removeItem(file.content, node.start, node.end));
  }
  return edits;
}

/** One entry of a list, with the comma that belongs to it. */
function removeItem(text: string, start: number, end: number): TextEdit {
  const after = /^\s*,[ \t]*(?:\r?\n(?=[ \t]*\S))?/.exec(text.slice(end));
  const lineStart = text.lastIndexOf("\n", start) + 1;
  const isOwnLine = text.slice(lineStart, start).trim() === "";
  if (after !== null && !(/^\s*\}/.test(text.slice(end + after[0].length)) && !isOwnLine)) {
    return {
      start: isOwnLine && after[0].includes("\n") ? lineStart : start,
      end: end + after[0].length,
      text: "",
    };
  }
  const before = /,\s*$/.exec(text.slice(0, start));
  return { start: before === null ? start : before.index, end, text: "" };
}
