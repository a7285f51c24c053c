/** An effect that is an async function: React takes what it returns for the clean-up. @module */

import type { SyntaxNode } from "../../core/codeSyntax.ts";
import type { FileModel } from "../fileModel.ts";
import type { CodeRule, FileEdit, Finding } from "../model.ts";
import { around, calleeName, child, contains, FUNCTIONS, list } from "../nodes.ts";

/** Puts the async function inside of the effect. */
export const asyncEffect: CodeRule = {
  name: "async-effect",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script"],
  check(file) {
    return file.nodes("CallExpression").flatMap((call): Finding[] => {
      if (!/^(?:React\.)?use(?:Layout|Insertion)?Effect$/.test(calleeName(call) ?? "")) return [];
      const effect = list(call, "arguments")[0];
      if (effect?.async !== true || !FUNCTIONS.has(effect.type)) return [];
      const edits = asyncBodyEdits(file, effect);
      const fix = edits === null
        ? undefined
        : { description: "put the async function inside", confidence: 0.88, edits };
      return [{ message: "An effect cannot be async", at: effect.start, fix }];
    });
  },
};

/** Moves a function's body into an async function that it calls; null when it returns something, as a clean-up. */
export function asyncBodyEdits(file: FileModel, effect: SyntaxNode): FileEdit[] | null {
  const body = child(effect, "body");
  if (body?.type !== "BlockStatement" || list(effect, "params").length > 0) return null;
  const returns = file.nodes("ReturnStatement").some((node) =>
    contains(body, node) && around(node, FUNCTIONS) === effect && child(node, "argument") !== undefined
  );
  if (returns) return null;
  const { path } = file;
  const text = file.text(body);
  const inner = /\n([ \t]*)\S/.exec(text)?.[1] ?? "";
  const isTall = text.includes("\n");
  const open = body.start + 1;
  const close = isTall ? file.lineStart(body.end - 1) : body.end - 1;
  const edits: FileEdit[] = [
    { path, start: open, end: open, text: isTall ? `\n${inner}(async () => {` : " (async () => {" },
    { path, start: close, end: close, text: isTall ? `${inner}})();\n` : "})(); " },
  ];
  if (effect.async !== true) return edits;
  const mark = /^async\s+/.exec(file.text(effect))!;
  return [{ path, start: effect.start, end: effect.start + mark[0].length, text: "" }, ...edits];
}
