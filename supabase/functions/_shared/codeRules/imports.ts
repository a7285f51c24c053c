/** Adds an import to a file in the file's own style. @module */

import type { TextEdit } from "../core/codeEdits.ts";
import type { SyntaxNode } from "../core/codeSyntax.ts";
import type { FileModel } from "./fileModel.ts";
import type { ModuleLink } from "./modules.ts";
import { child, list } from "./nodes.ts";

/** What is to be imported. */
export interface WantedImport {
  specifier: string;
  /** The name in the other module; `default` or `*` for those. */
  imported: string;
  local: string;
  isType?: boolean;
}

/** The edits that import a name; null when the file has no place for an import. */
export function importEdits(file: FileModel, wanted: WantedImport): TextEdit[] | null {
  const merged = mergeEdit(file, wanted) ?? mergeRequire(file, wanted);
  if (merged !== null) return [merged];
  return newStatement(file, statementText(file, wanted));
}

function mergeEdit(file: FileModel, wanted: WantedImport): TextEdit | null {
  if (wanted.imported === "*") return null;
  for (const link of file.modules.links) {
    const fits = link.kind === "import" && link.specifier === wanted.specifier &&
      (!link.typeOnly || wanted.isType === true) && link.names.every(({ imported }) => imported !== "*");
    if (!fits || link.names.length === 0) continue;
    const edit = wanted.imported === "default"
      ? addDefault(file, link, wanted)
      : addNamed(file, link, wanted);
    if (edit !== null) return edit;
  }
  return null;
}

/** Into `const { a } = require("…")`. */
function mergeRequire(file: FileModel, wanted: WantedImport): TextEdit | null {
  if (/^(?:default|\*)$/.test(wanted.imported)) return null;
  for (const { kind, specifier, statement } of file.modules.links) {
    const declarator = statement.parent;
    if (kind !== "require" || specifier !== wanted.specifier || declarator?.type !== "VariableDeclarator") {
      continue;
    }
    const pattern = child(declarator, "id");
    const last = pattern?.type === "ObjectPattern" ? list(pattern, "properties").at(-1) : undefined;
    if (last === undefined || last.type === "RestElement") continue;
    const text = clause(wanted).replace(" as ", ": ");
    const isTall = file.lineStart(last.start) !== file.lineStart(pattern!.start);
    const indent = /^\s*/.exec(file.content.slice(file.lineStart(last.start)))![0];
    return {
      start: last.end,
      end: last.end,
      text: isTall ? `,${lineBreak(file)}${indent}${text}` : `, ${text}`,
    };
  }
  return null;
}

function addDefault(file: FileModel, link: ModuleLink, { local }: WantedImport): TextEdit | null {
  if (link.typeOnly || link.names.some(({ imported }) => imported === "default")) return null;
  const brace = file.content.indexOf("{", link.statement.start);
  return brace === -1 ? null : { start: brace, end: brace, text: `${local}, ` };
}

function addNamed(file: FileModel, link: ModuleLink, wanted: WantedImport): TextEdit | null {
  const named = link.names.filter(({ node }) => node.type === "ImportSpecifier");
  const mark = wanted.isType === true && !link.typeOnly && file.typescript ? "type " : "";
  const text = mark + clause(wanted);
  const last = named.at(-1)?.node;
  if (last === undefined) {
    if (link.typeOnly) return null;
    const end = link.names.at(-1)!.node.end;
    return { start: end, end, text: `, { ${text} }` };
  }
  const first = named[0]!.node;
  const isTall = file.lineStart(first.start) !== file.lineStart(link.statement.start);
  if (!isTall) return { start: last.end, end: last.end, text: `, ${text}` };
  const indent = /^\s*/.exec(file.content.slice(file.lineStart(last.start)))![0];
  return { start: last.end, end: last.end, text: `,${lineBreak(file)}${indent}${text}` };
}

function clause({ imported, local }: WantedImport): string {
  return imported === local ? imported : `${imported} as ${local}`;
}

function statementText(file: FileModel, wanted: WantedImport): string {
  const { quote, end } = styleOf(file);
  const source = `${quote}${wanted.specifier}${quote}`;
  if (file.modules.isCommonJs && !file.modules.links.some(({ kind }) => kind === "import")) {
    const whole = wanted.imported === "default" || wanted.imported === "*";
    return `const ${
      whole ? wanted.local : `{ ${clause(wanted).replace(" as ", ": ")} }`
    } = require(${source})${end}`;
  }
  if (wanted.imported === "*") return `import * as ${wanted.local} from ${source}${end}`;
  const mark = wanted.isType === true && file.typescript ? "type " : "";
  const names = wanted.imported === "default" ? wanted.local : `{ ${clause(wanted)} }`;
  return `import ${mark}${names} from ${source}${end}`;
}

/** Quotes and semicolons as the file has them. */
export function styleOf(file: FileModel): { quote: string; end: string } {
  const sources = file.modules.links.map(({ source }) => file.text(source)[0]);
  const strings = sources.length > 0
    ? sources
    : file.nodes("StringLiteral").map((node) => file.text(node)[0]);
  const single = strings.filter((quote) => quote === "'").length;
  const statements = [
    ...file.nodes("ImportDeclaration"),
    ...file.nodes("VariableDeclaration"),
    ...file.nodes("ExpressionStatement"),
  ]
    .filter((node) => !/^For/.test(node.parent?.type ?? ""));
  const closed = statements.filter((node) => file.text(node).endsWith(";")).length;
  return { quote: single * 2 > strings.length ? "'" : '"', end: closed * 2 >= statements.length ? ";" : "" };
}

/** How the file breaks its lines. */
export function lineBreak(file: FileModel): string {
  return file.content.includes("\r\n") ? "\r\n" : "\n";
}

/** Puts a statement among the imports: packages before the project's own files. */
export function newStatement(file: FileModel, text: string): TextEdit[] | null {
  const links = file.modules.links.filter(({ kind, statement }) =>
    kind === "import" && isTopLevel(statement)
  );
  const requires = file.nodes("VariableDeclaration").filter((node) =>
    isTopLevel(node) && list(node, "declarations").some((one) => isRequire(child(one, "init")))
  );
  const isOwn = /from\s+["'](?:\.|@\/|\$lib)/.test(text);
  const packages = links.filter(({ specifier }) => !/^(?:\.|@\/|\$lib)/.test(specifier));
  const before = isOwn || packages.length === 0 ? links.at(-1)?.statement : packages.at(-1)?.statement;
  const eol = lineBreak(file);
  if (!isOwn && packages.length === 0 && links.length > 0) {
    const [{ statement }] = links as [ModuleLink];
    return insertAt(statement.start, text + eol + indentOf(file, statement));
  }
  const anchor = before ?? requires.at(-1);
  if (anchor !== undefined) return insertAt(anchor.end, eol + indentOf(file, anchor) + text);
  return insertFirst(file, text + eol);
}

function isRequire(node: SyntaxNode | undefined): boolean {
  const callee = child(node, "callee");
  return callee?.type === "Identifier" && callee.name === "require";
}

function isTopLevel(node: SyntaxNode): boolean {
  return node.parent?.type === "Program";
}

function indentOf(file: FileModel, node: SyntaxNode): string {
  return /^[ \t]*/.exec(file.content.slice(file.lineStart(node.start), node.start))![0];
}

function insertAt(at: number, text: string): TextEdit[] {
  return [{ start: at, end: at, text }];
}

/** In a file without imports: behind the shebang, a head comment that stands alone, and directives. */
function insertFirst(file: FileModel, text: string): TextEdit[] | null {
  const program = file.tree.program;
  if (program === null) return null;
  const gap = text.endsWith("\r\n") ? "\r\n" : "\n";
  const directive = list(program, "directives").at(-1);
  if (directive !== undefined) return insertAt(directive.end, gap + gap + text.slice(0, -gap.length));
  if (file.kind !== "script") return insertInScript(file, text);
  const head =
    /^(?:#![^\n]*\n)?(?:\/\*[^]*?\*\/[ \t]*\r?\n(?=\r?\n)\r?\n|(?:\/\/[^\n]*\n)+(?=\r?\n)\r?\n)?/.exec(
      file.content,
    )![0];
  const isTight = /^(?:const|let|var|export|function|async|class|interface|type)\b/.test(
    file.content.slice(head.length),
  );
  return insertAt(head.length, isTight ? text + gap : text);
}

function insertInScript(file: FileModel, text: string): TextEdit[] | null {
  const tag = /<script\b[^>]*\bsetup\b[^>]*>\r?\n?/.exec(file.content) ??
    /<script\b[^>]*>\r?\n?/.exec(file.content);
  if (tag === null) return null;
  const at = tag.index + tag[0].length;
  const indent = /^[ \t]*/.exec(file.content.slice(at))![0];
  return insertAt(at, indent + text);
}
