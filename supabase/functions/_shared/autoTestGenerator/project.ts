/** The modules of a project as trees: what they export and declare, and where a name comes from. @module */

import { type ast, parse } from "../babelParser.ts";
import type { ProjectFile } from "../core/projectPaths.ts";

/** One file of a project. */
export type SourceFile = ProjectFile;

/** Something that is exported under a name: `default` for the default export. */
export interface Exported {
  name: string;
  node: ast.Node;
  module: SourceModule;
}

/** A file that could be read. */
export interface SourceModule {
  file: SourceFile;
  body: ast.Statement[];
  /** Declared at the top: functions, classes, constants, types. */
  declared: Map<string, ast.Node>;
  /** By local name: from where, and under which name there. */
  imported: Map<string, { from: string; name: string }>;
}

const EXTENSIONS = /\.(?:ts|tsx|js|jsx|mjs|mts)$/;

/** Whether a file is code that is read here; tests and types by themselves are not. */
export function isSource(path: string): boolean {
  return EXTENSIONS.test(path) && !/\.(?:test|spec|d|config)\.[a-z]+$/.test(path) &&
    !/(?:^|\/)(?:node_modules|dist|\.next|__tests__|generated_tests)\//.test(path);
}

/** Reads the files of a project, each when it is first asked for; what cannot be read is left out. */
export class Project {
  readonly #files: ReadonlyMap<string, SourceFile>;
  readonly #modules = new Map<string, SourceModule | null>();

  constructor(files: readonly SourceFile[]) {
    this.#files = new Map(files.map((file) => [file.path, file]));
  }

  module(path: string): SourceModule | null {
    let known = this.#modules.get(path);
    if (known === undefined) {
      const file = this.#files.get(path);
      known = file === undefined || !isSource(path) ? null : readModule(file);
      this.#modules.set(path, known);
    }
    return known;
  }

  /** What a name stands for in a module, in its own file or in the one that it is imported from. */
  declaration(module: SourceModule, name: string): { node: ast.Node; module: SourceModule } | null {
    const own = module.declared.get(name);
    if (own !== undefined) return { node: own, module };
    const origin = module.imported.get(name);
    const other = origin && this.module(this.#resolve(module.file.path, origin.from) ?? "");
    const there = other?.declared.get(origin!.name);
    return there === undefined ? null : { node: there, module: other! };
  }

  /** All that a module exports by itself. */
  exportsOf(module: SourceModule): Exported[] {
    return module.body.flatMap((statement) => exportsOf(statement, module));
  }

  /** The file that a specifier means, as the usual bundlers find it. */
  #resolve(from: string, specifier: string): string | undefined {
    const base = specifier.startsWith("@/")
      ? `src/${specifier.slice(2)}`
      : specifier.startsWith(".")
      ? joinPaths(from, specifier)
      : undefined;
    if (base === undefined) return undefined;
    const endings = ["", ".ts", ".tsx", ".js", ".jsx", "/index.ts", "/index.tsx", "/index.js"];
    return endings.map((ending) => base + ending).find((path) => this.#files.has(path));
  }
}

function joinPaths(from: string, specifier: string): string {
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

function readModule(file: SourceFile): SourceModule | null {
  let body: ast.Statement[];
  try {
    const plugins = /\.(?:tsx|jsx|js)$/.test(file.path)
      ? ["typescript", "jsx"] as const
      : ["typescript"] as const;
    body = parse(file.content, { sourceType: "module", plugins: [...plugins] }).program.body;
  } catch {
    return null;
  }
  const module: SourceModule = { file, body, declared: new Map(), imported: new Map() };
  for (const statement of body) note(statement, module);
  return module;
}

function note(statement: ast.Statement, module: SourceModule): void {
  if (statement.type === "ImportDeclaration") {
    for (const specifier of statement.specifiers) {
      const name = specifier.type === "ImportSpecifier" ? nameOf(specifier.imported) : "default";
      module.imported.set(specifier.local.name, { from: statement.source.value, name });
    }
    return;
  }
  const inner = statement.type === "ExportNamedDeclaration" || statement.type === "ExportDefaultDeclaration"
    ? statement.declaration
    : statement;
  if (inner === null || inner === undefined) return;
  for (const [name, node] of declarationsOf(inner)) module.declared.set(name, node);
}

/** The names that a declaration makes; a constant stands for its value. */
function declarationsOf(node: ast.Node): [string, ast.Node][] {
  switch (node.type) {
    case "FunctionDeclaration":
    case "ClassDeclaration":
      return node.id ? [[node.id.name, node]] : [];
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
    case "TSEnumDeclaration":
      return [[node.id.name, node]];
    case "VariableDeclaration":
      return node.declarations.flatMap(({ id, init }): [string, ast.Node][] =>
        id.type === "Identifier" && init ? [[id.name, init]] : []
      );
    default:
      return [];
  }
}

function exportsOf(statement: ast.Statement, module: SourceModule): Exported[] {
  if (statement.type === "ExportDefaultDeclaration") {
    const { declaration } = statement;
    const node = declaration.type === "Identifier" ? module.declared.get(declaration.name) : declaration;
    return node === undefined ? [] : [{ name: "default", node, module }];
  }
  if (statement.type !== "ExportNamedDeclaration" || statement.exportKind === "type" || statement.source) {
    return [];
  }
  const declared = statement.declaration ? declarationsOf(statement.declaration) : [];
  const named = statement.specifiers.flatMap((specifier): [string, ast.Node][] => {
    if (specifier.type !== "ExportSpecifier" || specifier.exportKind === "type") return [];
    const node = module.declared.get(specifier.local.name);
    return node === undefined ? [] : [[nameOf(specifier.exported), node]];
  });
  return [...declared, ...named].filter(([, node]) =>
    !node.type.startsWith("TS") || node.type === "TSEnumDeclaration"
  )
    .map(([name, node]) => ({ name, node: unwrap(node), module }));
}

/** The value behind `as const`, `satisfies` and brackets. */
function unwrap(node: ast.Node): ast.Node {
  return node.type === "TSAsExpression" || node.type === "TSSatisfiesExpression" ||
      node.type === "ParenthesizedExpression"
    ? unwrap(node.expression)
    : node;
}

function nameOf(node: ast.Identifier | ast.StringLiteral): string {
  return node.type === "Identifier" ? node.name : node.value;
}

/** Calls `visit` with every node below one, itself included. */
export function walk(node: ast.Node, visit: (node: ast.Node) => void): void {
  visit(node);
  for (const [key, value] of Object.entries(node)) {
    if (key === "loc" || key.endsWith("Comments")) continue;
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child === "object" && child !== null && typeof child.type === "string") walk(child, visit);
    }
  }
}
