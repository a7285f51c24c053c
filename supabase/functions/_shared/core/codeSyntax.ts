/**
 * Reads JavaScript, TypeScript and JSX into a tree whose nodes know what is around them, and recovers from errors. The
 * parser is loaded when the first file is parsed, so that nothing pays for it but the fixing of code.
 *
 * @module
 */

/** A node of the tree; its fields stand under the parser's own names. */
export interface SyntaxNode {
  type: string;
  start: number;
  end: number;
  /** The node around it; the program has none. */
  parent?: SyntaxNode | undefined;
  /** The nodes directly below. */
  below?: SyntaxNode[];
  [field: string]: unknown;
}

/** Something that the parser could not take. */
export interface SyntaxProblem {
  /** The parser's name of it, such as `UnexpectedToken`. */
  reason: string;
  message: string;
  at: number;
}

/** What became of a text. */
export interface CodeTree {
  /** Null when the parser had to give up. */
  program: SyntaxNode | null;
  /** Every node by its type, in the order of the text. */
  byType: ReadonlyMap<string, readonly SyntaxNode[]>;
  comments: readonly SyntaxNode[];
  problems: readonly SyntaxProblem[];
}

/** Which dialect a text is in. */
export interface CodeDialect {
  typescript: boolean;
  jsx: boolean;
  /** A CommonJS script and no module. */
  script?: boolean;
}

/** Parses a text; never throws. */
export type CodeParser = (text: string, dialect: CodeDialect) => CodeTree;

/** Loads the parser. */
export async function loadCodeParser(): Promise<CodeParser> {
  const { parse } = await import("../babelParser.ts");
  return (text, dialect) => {
    try {
      const file = parse(text, {
        sourceType: dialect.script === true ? "script" : "module",
        errorRecovery: true,
        // Their list is enough; hanging them on nodes takes twice as long as the parsing.
        attachComment: false,
        allowReturnOutsideFunction: dialect.script === true,
        plugins: [
          ...(dialect.typescript ? ["typescript" as const] : []),
          ...(dialect.jsx ? ["jsx" as const] : []),
          "decorators",
          "explicitResourceManagement",
        ],
      });
      return indexed(file as unknown as ParsedFile);
    } catch (thrown) {
      return { program: null, byType: new Map(), comments: [], problems: [problemOf(thrown)] };
    }
  };
}

interface ParsedFile {
  program: SyntaxNode;
  comments: SyntaxNode[];
  errors: unknown[];
}

function indexed(file: ParsedFile): CodeTree {
  const byType = new Map<string, SyntaxNode[]>();
  index(file.program, byType);
  return { program: file.program, byType, comments: file.comments, problems: file.errors.map(problemOf) };
}

function index(node: SyntaxNode, byType: Map<string, SyntaxNode[]>): void {
  const list = byType.get(node.type);
  if (list === undefined) byType.set(node.type, [node]);
  else list.push(node);
  for (const child of node.below = readChildren(node)) {
    child.parent = node;
    index(child, byType);
  }
}

const NO_CHILDREN = new Set([
  "parent",
  "below",
  "loc",
  "extra",
  "leadingComments",
  "trailingComments",
  "innerComments",
  "errors",
]);

/** The nodes directly below a node, in the order of the parser's fields. */
export function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  return node.below ?? [];
}

function readChildren(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (const key in node) {
    const value = node[key];
    if (typeof value !== "object" || value === null || NO_CHILDREN.has(key)) continue;
    if (Array.isArray(value)) { for (const item of value) if (isNode(item)) children.push(item); }
    else if (isNode(value)) children.push(value);
  }
  return children;
}

/** True for a node of the tree. */
export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && typeof (value as SyntaxNode).type === "string";
}

function problemOf(thrown: unknown): SyntaxProblem {
  const { reasonCode, message, pos } = thrown as { reasonCode?: string; message?: string; pos?: number };
  return {
    reason: reasonCode ?? "TooDeep",
    message: `${message ?? thrown}`.replace(/ \(\d+:\d+\)$/, ""),
    at: pos ?? 0,
  };
}
