/** A name that a file imports, and that the other file declares without exporting it. @module */

import { defaultInstead } from "../defaults.ts";
import { styleOf } from "../imports.ts";
import type { CodeRule, Finding } from "../model.ts";
import { child } from "../nodes.ts";
import type { Project } from "../project.ts";

/** Exports it. */
export const missingExport: CodeRule = {
  name: "missing-export",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script", "vue", "svelte"],
  check(file, project) {
    return file.modules.links.flatMap((link) =>
      link.names.flatMap(({ imported, node }): Finding[] => {
        const target = project.resolve(file.path, link.specifier);
        if (target.kind !== "file" || imported === "*" || imported === "default") return [];
        if (
          project.findExport(target.path, imported) !== undefined ||
          defaultInstead(project, target.path, imported) !== null
        ) return [];
        const edits = homesOf(project, target.path, imported).map((path) =>
          exportEdit(project, path, imported)
        )
          .filter((edit) => edit !== null);
        const fix = edits.length === 1
          ? { description: `export ${imported} from ${edits[0]!.path}`, confidence: 0.93, edits }
          : undefined;
        return [{ message: `${target.path} does not export ${imported}`, at: node.start, fix }];
      })
    );
  },
};

/** The module itself, or the ones that it lets out as they are. */
function homesOf(project: Project, path: string, name: string, seen: Set<string> = new Set()): string[] {
  const file = project.file(path);
  if (file === undefined || seen.has(path)) return [];
  seen.add(path);
  if (file.names?.root.names.has(name) === true) return [path];
  return file.outline.stars.flatMap((star) => {
    const target = project.resolve(path, star);
    return target.kind === "file" ? homesOf(project, target.path, name, seen) : [];
  });
}

function exportEdit(project: Project, path: string, name: string) {
  const target = project.file(path)!;
  const declared = target.names?.root.names.get(name) ?? [];
  const [one] = declared;
  if (declared.length !== 1 || one === undefined || one.kind === "import") return null;
  const statement = one.owner.type === "VariableDeclarator" ? one.owner.parent! : one.owner;
  if (statement.parent?.type === "Program" && isSingle(statement)) {
    return { path, start: statement.start, end: statement.start, text: "export " };
  }
  // Its own default export keeps its place; a second way out stands below.
  const end = target.content.trimEnd().length;
  return { path, start: end, end, text: `\n\nexport { ${name} }${styleOf(target).end}` };
}

/** `export const a, b` would let out what nobody asked for. */
function isSingle(statement: NonNullable<ReturnType<typeof child>>): boolean {
  const declarations = statement.declarations;
  return !Array.isArray(declarations) || declarations.length === 1;
}
