/**
 * The adapter of the TypeScript compiler: everything else imports it from here.
 *
 * The gates read code as a tree, because a regular expression takes a string for code sooner or later.
 *
 * @module
 */

import ts from "npm:typescript@6.0.3";

export { ts };

/** Parses a file without resolving anything; a syntax error gives a partial tree, never a throw. */
export function parseSource(path: string, text: string): ts.SourceFile {
  const kind = path.endsWith(".tsx") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, kind);
}

/** Visits a node and everything below it. */
export function walkTree(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => walkTree(child, visit));
}

/** The number of the line on which a node starts, counted from 1. */
export function lineOf(node: ts.Node): number {
  const source = node.getSourceFile();
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}

/** True when a declaration carries the `export` keyword. */
export function isExported(node: ts.Node): boolean {
  return ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword);
}

/** The words of the comment that stands last before a node and is not the file's own; undefined without one. */
export function docWordsOf(node: ts.Node): string | undefined {
  const comments = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).filter(({ tags }) =>
    !tags?.some((tag) => tag.tagName.text === "module")
  );
  return ts.getTextOfJSDocComment(comments.at(-1)?.comment)?.trim();
}

/** One module specifier as a file writes it. */
export interface ModuleReference {
  /** The specifier, or undefined where the code computes it. */
  specifier: string | undefined;
  /** `url` stands for `new URL("./x", import.meta.url)`, `types` for a `@ts-types` comment. */
  kind: "import" | "dynamic" | "url" | "types";
  /** True when the reference is erased before the program runs. */
  typeOnly: boolean;
  line: number;
}

/** Every way in which a file names another module. */
export function moduleReferences(source: ts.SourceFile): ModuleReference[] {
  const found: ModuleReference[] = [];
  walkTree(source, (node) => {
    const reference = referenceOf(node);
    if (reference !== undefined) found.push({ ...reference, line: lineOf(node) });
  });
  return [...found, ...typeComments(source)];
}

function referenceOf(node: ts.Node): Omit<ModuleReference, "line"> | undefined {
  if (ts.isImportDeclaration(node)) {
    const typeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    return { specifier: literal(node.moduleSpecifier), kind: "import", typeOnly };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return { specifier: literal(node.moduleSpecifier), kind: "import", typeOnly: node.isTypeOnly };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return { specifier: literal(node.argument.literal), kind: "import", typeOnly: true };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return { specifier: literal(node.arguments[0]), kind: "dynamic", typeOnly: false };
  }
  return ts.isNewExpression(node) ? urlReference(node) : undefined;
}

function urlReference(node: ts.NewExpression): Omit<ModuleReference, "line"> | undefined {
  const [path, base] = node.arguments ?? [];
  const isBesideModule = node.expression.getText() === "URL" && base?.getText() === "import.meta.url";
  return isBesideModule ? { specifier: literal(path), kind: "url", typeOnly: false } : undefined;
}

function literal(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function typeComments(source: ts.SourceFile): ModuleReference[] {
  return [...source.text.matchAll(/^\s*\/\/ @ts-types="([^"]+)"/gm)].map((match) => ({
    specifier: match[1],
    kind: "types" as const,
    typeOnly: true,
    line: source.getLineAndCharacterOfPosition(match.index + match[0].indexOf("//")).line + 1,
  }));
}
