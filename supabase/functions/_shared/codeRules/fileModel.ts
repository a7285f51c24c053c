/** One file of a project, parsed when a rule first asks. @module */

import type { CodeParser, CodeTree, SyntaxNode } from "../core/codeSyntax.ts";
import type { ProjectFile } from "../core/projectPaths.ts";
import { type ExportedName, type ModuleLink, type ModuleSummary, summariseModule } from "./modules.ts";
import { child, list } from "./nodes.ts";
import { type Names, readNames } from "./scopes.ts";
import { maskMarkup } from "./markup.ts";

/** What kind of text a file holds. */
export type FileKind = "script" | "vue" | "svelte" | "json" | "css" | "html" | "other";

/** What one file tells the others. */
export interface Outline {
  isWhole: boolean;
  isCommonJs: boolean;
  exports: ReadonlyMap<string, Exported>;
  commonJs: ReadonlyMap<string, Exported>;
  stars: readonly string[];
  links: readonly { specifier: string; kind: ModuleLink["kind"]; imported: string[]; local: string[] }[];
  directives: readonly string[];
}

/** One export, as others see it. */
export type Exported = Omit<ExportedName, "node">;

function outlineOf(file: FileModel): Outline {
  const { links, exports, stars, isCommonJs, commonJs } = file.modules;
  const told = (names: ReadonlyMap<string, ExportedName>) =>
    new Map([...names].map(([key, { node: _, ...exported }]) => [key, exported]));
  const directives = list(file.tree.program ?? undefined, "directives");
  return {
    isWhole: file.isWhole,
    isCommonJs,
    stars,
    exports: told(exports),
    commonJs: told(commonJs),
    links: links.map(({ specifier, kind, names }) => ({
      specifier,
      kind,
      imported: names.map(({ imported }) => imported),
      local: names.map(({ local }) => local),
    })),
    directives: directives.map((one) => `${child(one, "value")?.value}`),
  };
}

const EMPTY_TREE: CodeTree = { program: null, byType: new Map(), comments: [], problems: [] };
const MAX_LINE = 2_000;

/** A file with what is known of it. */
export class FileModel {
  readonly path: string;
  readonly content: string;
  readonly kind: FileKind;
  readonly typescript: boolean;
  readonly #parser: CodeParser;
  #tree: CodeTree | undefined;
  #names: Names | null | undefined;
  #modules: ModuleSummary | undefined;
  #starts: number[] | undefined;
  #json: CodeTree | undefined;
  #outline: Outline | undefined;
  #skipped: string | null | undefined;
  #markup: ReturnType<typeof maskMarkup> | undefined;

  constructor({ path, content }: ProjectFile, parser: CodeParser) {
    this.path = path;
    this.content = content;
    this.kind = kindOf(path);
    this.#parser = parser;
    this.typescript = /\.[cm]?tsx?$/.test(path) ||
      (this.#isMarkup && /<script[^>]*\blang=["']?ts/.test(content));
  }

  get #isMarkup(): boolean {
    return this.kind === "vue" || this.kind === "svelte";
  }

  /** The part that is code: the whole of a script, what stands in the script blocks of a component. */
  get code(): string {
    if (!this.#isMarkup) return this.content;
    return (this.#markup ??= maskMarkup(this.content)).code;
  }

  /** Names that the markup of a component uses. */
  get markupNames(): ReadonlySet<string> {
    if (!this.#isMarkup) return new Set();
    return (this.#markup ??= maskMarkup(this.content)).names;
  }

  /** The names that the markup of a component calls, or uses as directives. */
  get markupCalls(): readonly { name: string; at: number }[] {
    return this.#isMarkup ? (this.#markup ??= maskMarkup(this.content)).calls : [];
  }

  /** The tags of components that the markup uses. */
  get markupTags(): readonly { name: string; at: number }[] {
    return this.#isMarkup ? (this.#markup ??= maskMarkup(this.content)).tags : [];
  }

  /** Why the rules leave the file alone; null when they do not. */
  get skipped(): string | null {
    if (this.#skipped === undefined) this.#skipped = whySkipped(this.path, this.content);
    return this.#skipped;
  }

  get isCode(): boolean {
    return this.kind === "script" || this.#isMarkup;
  }

  get tree(): CodeTree {
    return this.#tree ??= this.isCode && this.skipped === null ? this.#parse() : EMPTY_TREE;
  }

  /** True when the whole text was understood. */
  get isWhole(): boolean {
    return this.tree.program !== null && this.tree.problems.length === 0;
  }

  /** What other files need to know of it: stays when the tree is let go. */
  get outline(): Outline {
    return this.#outline ??= outlineOf(this);
  }

  /** Lets go of the tree, which takes a hundred times the room of the text; it is read again when it is asked for. */
  release(): void {
    if (this.isCode && this.skipped === null) this.outline;
    this.#tree =
      this.#names =
      this.#modules =
      this.#json =
      this.#markup =
        undefined;
  }

  get names(): Names | null {
    return this.#names ??= this.tree.program === null ? null : readNames(this.tree.program);
  }

  get modules(): ModuleSummary {
    return this.#modules ??= summariseModule(this.tree);
  }

  nodes(type: string): readonly SyntaxNode[] {
    return this.tree.byType.get(type) ?? [];
  }

  /** A JSON text as a tree with places, read as tolerantly as code is. */
  get json(): CodeTree {
    return this.#json ??= this.jsonAs(this.content);
  }

  /** Another text read as JSON. */
  jsonAs(content: string): CodeTree {
    return movedBack(this.#parser(`(${content}\n)`, { typescript: false, jsx: false }));
  }

  /** Parses another text as if it were this file; as TypeScript when that is asked for. */
  parseAs(content: string, typescript = false): CodeTree {
    if (typescript) return this.#parser(content, { typescript, jsx: true });
    return new FileModel({ path: this.path, content }, this.#parser).tree;
  }

  text(node: SyntaxNode): string {
    return this.content.slice(node.start, node.end);
  }

  /** Line and column of a place, counted from 1. */
  lineAndColumn(at: number): { line: number; column: number } {
    const starts = this.#starts ??= lineStarts(this.content);
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= at) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: at - starts[low]! + 1 };
  }

  /** Where the line of a place starts. */
  lineStart(at: number): number {
    return this.content.lastIndexOf("\n", at - 1) + 1;
  }

  /** Where the line of a place ends, before its line break. */
  lineEnd(at: number): number {
    const end = this.content.indexOf("\n", at);
    return end === -1 ? this.content.length : end;
  }

  #parse(): CodeTree {
    const jsx = /\.[cm]?[jt]sx$|\.js$|\.mjs$/.test(this.path);
    if (this.path.endsWith(".cjs")) return this.#parser(this.code, { typescript: false, jsx, script: true });
    const tree = this.#parser(this.code, { typescript: this.typescript, jsx });
    const mayBeScript = /\.js$/.test(this.path) && tree.problems.length > 0 &&
      !/^\s*(?:import|export)\b/m.test(this.code);
    if (!mayBeScript) return tree;
    const script = this.#parser(this.code, { typescript: false, jsx, script: true });
    return script.problems.length < tree.problems.length || tree.program === null ? script : tree;
  }
}

/** The kind of a path. */
export function kindOf(path: string): FileKind {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (/\.[cm]?[jt]sx?$/.test(name)) return "script";
  const ending = /\.(vue|svelte|json|css|html?)$/.exec(name)?.[1];
  if (ending === "htm") return "html";
  return (ending as FileKind | undefined) ?? "other";
}

function whySkipped(path: string, content: string): string | null {
  if (/(?:^|\/)(?:node_modules|dist|build|\.next|\.svelte-kit|vendor)\//.test(path)) {
    return "not the project's source";
  }
  if (/\.min\.(?:js|css)$/.test(path)) return "minified";
  if (/\.d\.[cm]?ts$/.test(path)) return "declarations only";
  if (/^(?:\/\*\*?[\s*]*|\/\/\s*)@(?:generated|flow)\b/m.test(content.slice(0, 500))) {
    return "generated, or another language";
  }
  return content.split("\n", 3_000).some((line) => line.length > MAX_LINE) ? "minified" : null;
}

function lineStarts(content: string): number[] {
  const starts = [0];
  for (let at = content.indexOf("\n"); at !== -1; at = content.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** JSON is read in parentheses, as an expression: its places lie one further back. */
function movedBack(tree: CodeTree): CodeTree {
  for (const nodes of tree.byType.values()) {
    for (const node of nodes) {
      node.start--;
      node.end--;
    }
  }
  for (const comment of tree.comments) {
    comment.start--;
    comment.end--;
  }
  return {
    ...tree,
    problems: tree.problems.map((problem) => ({ ...problem, at: Math.max(0, problem.at - 1) })),
  };
}
