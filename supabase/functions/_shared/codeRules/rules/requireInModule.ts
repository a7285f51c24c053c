/** CommonJS in a module: there is no `require` and no `module`. @module */

import type { SyntaxNode } from "../../core/codeSyntax.ts";
import type { FileModel } from "../fileModel.ts";
import type { CodeFix, CodeRule, Finding } from "../model.ts";
import { child, list, nameOf } from "../nodes.ts";
import type { Project } from "../project.ts";

/** Writes a plain require at the top as an import, and a plain `module.exports` as the default export. */
export const requireInModule: CodeRule = {
  name: "require-in-module",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script"],
  check(file, project) {
    if (!isModule(file, project)) return [];
    const known = file.names?.root.names;
    if (known?.has("require") === true || known?.has("module") === true) return [];
    return [...requires(file, project), ...exported(file)];
  },
};

/** Bundlers take both; Node and Deno take one. */
function isModule(file: FileModel, project: Project): boolean {
  if (/\.c[jt]s$/.test(file.path)) return false;
  const manifest = project.manifestFor(file.path);
  const isNode = project.framework === "node" && manifest?.isModule === true && !manifest.isLibrary;
  return isNode || file.path.endsWith(".mjs") || project.isEdge(file.path);
}

function requires(file: FileModel, project: Project): Finding[] {
  return file.modules.links.filter(({ kind }) => kind === "require").map((
    { statement: call, source },
  ): Finding => ({
    message: "A module has no require",
    at: call.start,
    fix: importOf(file, project, call, source),
  }));
}

function importOf(
  file: FileModel,
  project: Project,
  call: SyntaxNode,
  source: SyntaxNode,
): CodeFix | undefined {
  const declarator = call.parent;
  const statement = declarator?.parent;
  const isPlain = declarator?.type === "VariableDeclarator" && child(declarator, "init") === call &&
    statement?.parent?.type === "Program" && list(statement, "declarations").length === 1;
  const names = isPlain ? clauseOf(file, child(declarator, "id")) : undefined;
  if (names === undefined || statement === undefined) return undefined;
  const end = file.text(statement).endsWith(";") ? ";" : "";
  const specifier = file.text(source);
  const target = project.resolve(file.path, `${source.value}`);
  const bare = target.kind === "file" && !/\.\w+["']$/.test(specifier)
    ? specifier.slice(0, -1) + target.path.slice(target.path.lastIndexOf(".")) + specifier.at(-1)
    : specifier;
  const edits = [{
    path: file.path,
    start: statement.start,
    end: statement.end,
    text: `import ${names} from ${bare}${end}`,
  }];
  return { description: "import it", confidence: 0.88, edits };
}

function clauseOf(file: FileModel, id: SyntaxNode | undefined): string | undefined {
  if (id?.type === "Identifier") return nameOf(id);
  if (id?.type !== "ObjectPattern") return undefined;
  const properties = list(id, "properties");
  const isFlat = properties.every((one) =>
    one.type === "ObjectProperty" && child(one, "value")?.type === "Identifier"
  );
  return isFlat ? file.text(id).replace(/\s*:\s*/g, " as ") : undefined;
}

function exported(file: FileModel): Finding[] {
  return file.nodes("AssignmentExpression").flatMap((node): Finding[] => {
    const left = child(node, "left");
    const isExports = left?.type === "MemberExpression" && nameOf(child(left, "object")) === "module" &&
      nameOf(child(left, "property")) === "exports";
    if (!isExports) return [];
    const right = child(node, "right")!;
    const statement = node.parent?.type === "ExpressionStatement" ? node.parent : undefined;
    const text = exportText(file, right);
    const isTop = statement?.parent?.type === "Program" && text !== undefined;
    const edits = [{ path: file.path, start: node.start, end: right.end, text: text ?? "" }];
    return [{
      message: "A module has no module.exports",
      at: node.start,
      fix: isTop ? { description: "export it", confidence: 0.88, edits } : undefined,
    }];
  });
}

function exportText(file: FileModel, right: SyntaxNode): string | undefined {
  if (right.type !== "ObjectExpression") return `export default ${file.text(right)}`;
  const names = list(right, "properties").map((one) =>
    one.shorthand === true ? nameOf(child(one, "key")) : undefined
  );
  return names.includes(undefined) ? undefined : `export { ${names.join(", ")} }`;
}
