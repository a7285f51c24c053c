/** JSON that is almost JSON: comments, trailing or missing commas, other quotes, bare keys. @module */

import type { TextEdit } from "../../core/codeEdits.ts";
import type { CodeTree, SyntaxNode } from "../../core/codeSyntax.ts";
import type { FileModel } from "../fileModel.ts";
import type { CodeFix, CodeRule, Finding } from "../model.ts";
import { child, list, nameOf } from "../nodes.ts";
import { codeEndBefore, insertion } from "../repair.ts";

/** Writes it as JSON; a text that was cut off is never closed, as nobody knows what it said. */
export const jsonSyntax: CodeRule = {
  name: "json-syntax",
  severity: "error",
  autoFixable: true,
  appliesTo: ["json"],
  readsBroken: true,
  check(file) {
    if (file.content.trim() === "") return [];
    if (takesComments(file.path)) return looseFindings(file);
    const message = problemOf(file.content);
    return message === null ? [] : [{ message, at: firstProblem(file), fix: fixOf(file) }];
  },
};

/** Settings with comments and trailing commas are read as tolerantly as their tools do; only commas are added. */
function looseFindings(file: FileModel): Finding[] {
  const [problem] = file.json.problems;
  if (problem === undefined) return [];
  const missing = missingCommas(file);
  const fix = missing === undefined ? undefined : {
    description: "write it as JSON",
    confidence: 0.92,
    edits: missing.commas.map((edit) => ({ ...edit, path: file.path })),
  };
  return [{ message: "It is not JSON, even with comments", at: firstProblem(file), fix }];
}

function takesComments(path: string): boolean {
  return /(?:^|\/)(?:[tj]sconfig[\w.-]*\.json|\.(?:vscode|devcontainer)\/.*|deno\.json|.*\.jsonc)$/.test(
    path,
  );
}

function problemOf(content: string): string | null {
  try {
    JSON.parse(content.replace(/^\ufeff/, ""));
    return null;
  } catch (thrown) {
    return `It is not JSON: ${(thrown as Error).message.replace(/ in JSON at .*| \(line .*/, "")}`;
  }
}

function firstProblem(file: FileModel): number {
  return Math.min(file.json.problems[0]?.at ?? 0, file.content.length);
}

const MOST_COMMAS = 10;

/** The commas after which the text can be read, and its tree then. */
function missingCommas(file: FileModel): { commas: TextEdit[]; text: string; tree: CodeTree } | undefined {
  const commas: TextEdit[] = [];
  let text = file.content;
  let tree = file.json;
  for (let tries = 0; tree.program === null && tries < MOST_COMMAS; tries++) {
    const [problem] = tree.problems;
    if (problem === undefined || !/expected ","/.test(problem.message)) return undefined;
    const at = codeEndBefore(text, problem.at);
    commas.push(insertion(at - commas.length, ","));
    text = `${text.slice(0, at)},${text.slice(at)}`;
    tree = file.jsonAs(text);
  }
  return tree.program === null ? undefined : { commas, text, tree };
}

function fixOf(file: FileModel): CodeFix | undefined {
  const read = missingCommas(file);
  if (read === undefined) return undefined;
  const { commas, text, tree } = read;
  const root = child(tree.byType.get("ExpressionStatement")?.[0], "expression");
  const edits = root === undefined ? null : plainEdits(text, tree, root);
  if (edits === null) return undefined;
  const shifted = edits.map((edit) => movedBack(edit, commas));
  return {
    description: "write it as JSON",
    confidence: 0.92,
    edits: [...commas, ...shifted].map((edit) => ({ ...edit, path: file.path })),
  };
}

/** A place of the text with the commas, in the text without them. */
function movedBack({ start, end, text }: TextEdit, commas: readonly TextEdit[]): TextEdit {
  const back = (at: number) => at - commas.filter((comma, index) => comma.start + index < at).length;
  return { start: back(start), end: back(end), text };
}

/** What makes a literal of JavaScript one of JSON; null when a value is more than a literal. */
function plainEdits(text: string, tree: CodeTree, root: SyntaxNode): TextEdit[] | null {
  const edits: TextEdit[] = [];
  const takes = (node: SyntaxNode): boolean => {
    if (node.type === "ObjectExpression") {
      return trailing(text, node, "properties", edits) &&
        list(node, "properties").every((one) => takesEntry(one));
    }
    if (node.type === "ArrayExpression") {
      return trailing(text, node, "elements", edits) && list(node, "elements").every(takes);
    }
    if (node.type === "StringLiteral") quote(text, node, edits);
    const sign = node.type === "UnaryExpression" && node.operator === "-" &&
      child(node, "argument")?.type === "NumericLiteral";
    return sign || /^(?:String|Numeric|Boolean|Null)Literal$/.test(node.type);
  };
  const takesEntry = (one: SyntaxNode): boolean => {
    const [key, value] = [child(one, "key"), child(one, "value")];
    const isPlain = one.type === "ObjectProperty" && one.shorthand !== true && one.computed !== true;
    if (!isPlain || key === undefined || value === undefined) return false;
    if (key.type === "Identifier") {
      edits.push({ start: key.start, end: key.end, text: JSON.stringify(nameOf(key)) });
    } else if (key.type === "StringLiteral") quote(text, key, edits);
    else return false;
    return takes(value);
  };
  if (!takes(root)) return null;
  for (const comment of tree.comments) edits.push(withoutComment(text, comment));
  return edits;
}

function quote(text: string, node: SyntaxNode, edits: TextEdit[]): void {
  const written = text.slice(node.start, node.end);
  if (!written.startsWith('"')) {
    edits.push({ start: node.start, end: node.end, text: JSON.stringify(node.value) });
  }
}

function trailing(text: string, node: SyntaxNode, field: string, edits: TextEdit[]): boolean {
  const last = list(node, field).at(-1);
  if ((node[field] as unknown[]).includes(null)) return false;
  const comma = last === undefined ? -1 : text.slice(last.end, node.end).search(/,/);
  if (last !== undefined && comma !== -1) {
    edits.push({ start: last.end + comma, end: last.end + comma + 1, text: "" });
  }
  return true;
}

function withoutComment(text: string, { start, end }: SyntaxNode): TextEdit {
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const isAlone = text.slice(lineStart, start).trim() === "" && /^[ \t]*\r?\n/.test(text.slice(end));
  if (isAlone) return { start: lineStart, end: text.indexOf("\n", end) + 1, text: "" };
  const space = /[ \t]*$/.exec(text.slice(0, start))![0].length;
  return { start: start - space, end, text: "" };
}
