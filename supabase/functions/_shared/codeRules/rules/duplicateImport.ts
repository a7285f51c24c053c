/** The same name imported twice, or imported and declared. @module */

import type { CodeFix, CodeRule, Finding } from "../model.ts";
import type { FileModel } from "../fileModel.ts";
import type { ImportedName, ModuleLink } from "../modules.ts";
import { nameRemoval, wholeLines } from "../removal.ts";
import { isRedeclaration } from "./duplicateDeclaration.ts";

/** Takes the second one away when both bring the same. */
export const duplicateImport: CodeRule = {
  name: "duplicate-import",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script", "vue", "svelte"],
  readsBroken: true,
  check(file) {
    const places = new Set(file.tree.problems.filter(isRedeclaration).map(({ at }) => at));
    const links = file.modules.links.filter(({ kind }) => kind === "import");
    return links.flatMap((link) => {
      const twice = link.names.filter((name) => isRedeclared(name, places));
      return twice.length === 0 ? [] : [findingOf(file, links, link, twice)];
    });
  },
};

function isRedeclared({ node, local }: ImportedName, places: ReadonlySet<number>): boolean {
  return places.has(node.end - local.length) || places.has(node.start);
}

function findingOf(file: FileModel, links: ModuleLink[], link: ModuleLink, twice: ImportedName[]): Finding {
  const isSame = twice.every((name) => hasTwin(links, link, name));
  return {
    message: `${twice.map(({ local }) => local).join(", ")} is imported twice`,
    at: twice[0]!.node.start,
    fix: isSame ? fixOf(file, link, twice) : undefined,
  };
}

function hasTwin(links: ModuleLink[], link: ModuleLink, name: ImportedName): boolean {
  return links.some((other) =>
    other.specifier === link.specifier &&
    other.names.some((one) =>
      one !== name && one.local === name.local && one.imported === name.imported &&
      one.node.start < name.node.start &&
      (!one.typeOnly || name.typeOnly)
    )
  );
}

function fixOf(file: FileModel, link: ModuleLink, twice: ImportedName[]): CodeFix | undefined {
  const { path, content } = file;
  const description = `import ${twice.map(({ local }) => local).join(", ")} once`;
  if (twice.length === link.names.length) {
    const edit = wholeLines(content, link.statement.start, link.statement.end);
    return { description, confidence: 0.95, edits: [{ path, ...edit }] };
  }
  if (twice.some(({ node }) => node.type !== "ImportSpecifier")) return undefined;
  const edits = twice.map(({ node }) => ({ path, ...nameRemoval(content, node) }));
  return { description, confidence: 0.93, edits };
}
