/** What a file imports and what it exports. @module */

import type { CodeTree, SyntaxNode } from "../core/codeSyntax.ts";
import { child, list, nameOf } from "./nodes.ts";

/** One name that an import brings. */
export interface ImportedName {
  /** `default`, `*`, or the name in the other module. */
  imported: string;
  local: string;
  typeOnly: boolean;
  node: SyntaxNode;
}

/** One statement that names another module. */
export interface ModuleLink {
  specifier: string;
  /** The string that names the module. */
  source: SyntaxNode;
  statement: SyntaxNode;
  kind: "import" | "export" | "dynamic" | "require";
  typeOnly: boolean;
  names: ImportedName[];
}

/** One name that a file exports. */
export interface ExportedName {
  name: string;
  local: string | undefined;
  node: SyntaxNode;
  /** True for an async function. */
  isAsync: boolean;
  isType: boolean;
}

/** The links and exports of one file. */
export interface ModuleSummary {
  links: ModuleLink[];
  exports: Map<string, ExportedName>;
  /** Specifiers of `export * from`. */
  stars: string[];
  /** CommonJS: what is exported besides what `commonJs` has cannot be told. */
  isCommonJs: boolean;
  /** What `module.exports` plainly names; `default` is the whole of it. */
  commonJs: Map<string, ExportedName>;
}

/** Reads the links and exports of a tree. */
export function summariseModule(tree: CodeTree): ModuleSummary {
  const nodes = (type: string) => tree.byType.get(type) ?? [];
  const summary: ModuleSummary = {
    links: [],
    exports: new Map(),
    stars: [],
    isCommonJs: false,
    commonJs: new Map(),
  };
  for (const node of nodes("ImportDeclaration")) summary.links.push(importLink(node));
  for (const node of nodes("ExportNamedDeclaration")) readExport(node, summary);
  for (const node of nodes("ExportAllDeclaration")) {
    const source = child(node, "source")!;
    summary.links.push(link(node, source, "export", node.exportKind === "type"));
    summary.stars.push(source.value as string);
  }
  for (const node of nodes("ExportDefaultDeclaration")) addDefault(node, summary);
  for (const node of [...nodes("CallExpression"), ...nodes("ImportExpression")]) readCall(node, summary);
  const assigned = nodes("AssignmentExpression").filter((node) =>
    /^(?:module\.)?exports\b/.test(exportTarget(node))
  );
  summary.isCommonJs ||= nodes("TSExportAssignment").length > 0 || assigned.length > 0;
  for (const node of assigned) readAssignedExport(node, summary, tree);
  return summary;
}

/** `module.exports = { a, b }`, `module.exports = name`, `exports.a = …`. */
function readAssignedExport(node: SyntaxNode, { commonJs }: ModuleSummary, tree: CodeTree): void {
  const value = child(node, "right");
  const target = exportTarget(node);
  const own = /^(?:module\.)?exports\.([\w$]+)$/.exec(target)?.[1];
  if (value === undefined) return;
  if (own !== undefined && own !== "exports") commonJs.set(own, assignedName(own, value, tree));
  if (target !== "module.exports") return;
  if (value.type !== "ObjectExpression") {
    commonJs.set("default", assignedName("default", value, tree));
    return;
  }
  for (const one of list(value, "properties")) {
    const name = one.computed === true ? undefined : nameOf(child(one, "key"));
    const made = one.type === "ObjectMethod" ? one : child(one, "value");
    if (name !== undefined && made !== undefined) commonJs.set(name, assignedName(name, made, tree));
  }
}

function assignedName(name: string, value: SyntaxNode, tree: CodeTree): ExportedName {
  const local = nameOf(value) ?? nameOf(child(value, "id"));
  const named = value.type !== "Identifier" ? value : [
    ...tree.byType.get("FunctionDeclaration") ?? [],
    ...tree.byType.get("VariableDeclarator") ?? [],
  ].find((one) => nameOf(child(one, "id")) === local);
  const made = named?.type === "VariableDeclarator" ? child(named, "init") : named;
  return {
    name,
    local,
    node: value,
    isAsync: made?.async === true && made.generator !== true,
    isType: false,
  };
}

function exportTarget(assignment: SyntaxNode): string {
  let target = child(assignment, "left");
  const parts: string[] = [];
  while (target?.type === "MemberExpression") {
    parts.unshift(nameOf(child(target, "property")) ?? "?");
    target = child(target, "object");
  }
  return [nameOf(target) ?? "?", ...parts].join(".");
}

function link(
  statement: SyntaxNode,
  source: SyntaxNode,
  kind: ModuleLink["kind"],
  typeOnly: boolean,
): ModuleLink {
  return { specifier: source.value as string, source, statement, kind, typeOnly, names: [] };
}

function importLink(node: SyntaxNode): ModuleLink {
  const found = link(node, child(node, "source")!, "import", node.importKind === "type");
  found.names = list(node, "specifiers").map((one) => ({
    imported: one.type === "ImportDefaultSpecifier"
      ? "default"
      : one.type === "ImportNamespaceSpecifier"
      ? "*"
      : nameOf(child(one, "imported")) ?? "*",
    local: nameOf(child(one, "local")) ?? "",
    typeOnly: node.importKind === "type" || one.importKind === "type",
    node: one,
  }));
  return found;
}

function readExport(node: SyntaxNode, summary: ModuleSummary): void {
  const source = child(node, "source");
  const typeOnly = node.exportKind === "type";
  const found = source === undefined ? undefined : link(node, source, "export", typeOnly);
  if (found !== undefined) summary.links.push(found);
  for (const one of list(node, "specifiers")) {
    const name = nameOf(child(one, "exported")) ?? "*";
    const local = nameOf(child(one, "local"));
    add(summary, { name, local, node: one, isAsync: false, isType: typeOnly });
    const imported = one.type === "ExportSpecifier" ? local ?? "*" : "*";
    found?.names.push({ imported, local: name, typeOnly, node: one });
  }
  const declaration = child(node, "declaration");
  if (declaration !== undefined) declaredNames(declaration).forEach((one) => add(summary, one));
}

function add(summary: ModuleSummary, exported: ExportedName): void {
  summary.exports.set(exported.name, exported);
}

function addDefault(node: SyntaxNode, summary: ModuleSummary): void {
  const declaration = child(node, "declaration");
  const local = nameOf(child(declaration, "id")) ?? nameOf(declaration);
  add(summary, { name: "default", local, node, isAsync: declaration?.async === true, isType: false });
}

/** The names that a declaration statement declares. */
export function declaredNames(declaration: SyntaxNode): ExportedName[] {
  if (declaration.type === "VariableDeclaration") {
    return list(declaration, "declarations").flatMap((one) =>
      boundNames(child(one, "id")).map((id) => ({
        name: nameOf(id)!,
        local: nameOf(id),
        node: one,
        isAsync: child(one, "init")?.async === true,
        isType: false,
      }))
    );
  }
  const name = nameOf(child(declaration, "id"));
  if (name === undefined) return [];
  const isType = /^TS(?:Interface|TypeAlias)/.test(declaration.type);
  return [{ name, local: name, node: declaration, isAsync: declaration.async === true, isType }];
}

function boundNames(pattern: SyntaxNode | undefined): SyntaxNode[] {
  if (pattern === undefined) return [];
  if (pattern.type === "Identifier") return [pattern];
  if (pattern.type === "ObjectPattern") {
    return list(pattern, "properties").flatMap((one) =>
      boundNames(child(one, "value") ?? child(one, "argument"))
    );
  }
  if (pattern.type === "ArrayPattern") return list(pattern, "elements").flatMap(boundNames);
  return boundNames(child(pattern, "left") ?? child(pattern, "argument"));
}

function readCall(node: SyntaxNode, summary: ModuleSummary): void {
  const callee = child(node, "callee");
  const isRequire = nameOf(callee) === "require";
  if (!isRequire && callee?.type !== "Import" && node.type !== "ImportExpression") return;
  const source = child(node, "source") ?? list(node, "arguments")[0];
  if (source?.type !== "StringLiteral") return;
  summary.links.push(link(node, source, isRequire ? "require" : "dynamic", false));
  summary.isCommonJs ||= isRequire;
}
