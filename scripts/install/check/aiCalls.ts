/** Calls of language models without a limit, a breaker or retries. @module */

import type { SyntaxNode } from "../../../supabase/functions/_shared/core/codeSyntax.ts";
import {
  child,
  type CodeFile,
  declaredAs,
  type Gap,
  isInside,
  list,
  nameOf,
  pathOf,
  type Rewrite,
} from "./gap.ts";
import { handlerAround } from "./helpersInScope.ts";

const SDK_CALL =
  /\.(?:chat\.completions|responses|messages|embeddings|completions|images)\.(?:create|generate)$/;
const AI_PACKAGE = /^(?:npm:)?ai(?:@|$)/;
const AI_FUNCTIONS = new Set([
  "generateText",
  "streamText",
  "generateObject",
  "streamObject",
  "embed",
  "embedMany",
]);
const AI_ADDRESS =
  /\/chat\/completions|\/v1\/(?:responses|messages|embeddings|completions)\b|:(?:stream)?generateContent\b|api\.openai\.com|api\.anthropic\.com/i;

/** Finds them. */
export function aiCallGaps(file: CodeFile): Gap[] {
  return file.nodes("CallExpression").filter((call) =>
    isAiCall(call, file) && !isInside(call, ["protectedAICall", "protectedFunctionCall"])
  ).map((call) => ({
    rule: "unprotected-ai-call",
    at: call.start,
    message: "a model that is slow, busy or down takes this function along",
    advice:
      "protectedAICall((signal) => …) gives it a limit, a breaker and retries; `ai()` also other models",
    rewrite: rewriteOf(call, file),
  }));
}

function isAiCall(call: SyntaxNode, file: CodeFile): boolean {
  const callee = child(call, "callee");
  const path = pathOf(callee).join(".");
  if (SDK_CALL.test(path)) return !path.startsWith("?");
  const name = nameOf(callee);
  if (name === "fetch") return AI_ADDRESS.test(textIn(list(call, "arguments")[0], file));
  return name !== undefined && AI_FUNCTIONS.has(name) &&
    file.modules.links.some(({ specifier, names }) =>
      AI_PACKAGE.test(specifier) && names.some(({ local }) => local === name)
    );
}

/** What is written of a text, through one constant. */
function textIn(node: SyntaxNode | undefined, file: CodeFile, depth = 0): string {
  if (node?.type === "StringLiteral") return String(node.value);
  if (node?.type === "TemplateLiteral") {
    const fixed = list(node, "quasis").map(({ value }) => String((value as { raw?: string }).raw ?? ""));
    return fixed.join("") + list(node, "expressions").map((one) => textIn(one, file, depth + 1)).join("");
  }
  if (node?.type === "BinaryExpression") {
    return textIn(child(node, "left"), file, depth) + textIn(child(node, "right"), file, depth);
  }
  const name = nameOf(node);
  return name === undefined || depth > 2 ? "" : textIn(declaredAs(file, name), file, depth + 1);
}

/**
 * Only a call whose meaning stays: its arguments may be read again for a second attempt, its result is awaited as a plain
 * promise, nothing of it streams, and the request is at hand.
 */
function rewriteOf(call: SyntaxNode, file: CodeFile): Rewrite | null {
  const handler = handlerAround(call, file);
  const signal = signalEdit(call, file);
  if (handler === null || signal === null || !isPlainPromise(call) || isInParameters(call, handler)) {
    return null;
  }
  if (streams(call, file) || holds(call, ["AwaitExpression", "YieldExpression"])) return null;
  return {
    need: { handler, helper: "protectedAICall", role: "any" },
    edits: [
      { start: call.start, end: call.start, text: "protectedAICall((signal) => " },
      signal,
      { start: call.end, end: call.end, text: ")" },
    ],
  };
}

function isInParameters(call: SyntaxNode, handler: SyntaxNode): boolean {
  return list(handler, "params").some(({ start, end }) => start <= call.start && call.end <= end);
}

function isPlainPromise({ parent, start }: SyntaxNode): boolean {
  if (parent?.type === "AwaitExpression") return true;
  const isThen = parent?.type === "MemberExpression" && parent.start === start &&
    /^(?:then|catch|finally)$/.test(nameOf(child(parent, "property")) ?? "");
  return isThen || parent?.type === "ReturnStatement" || parent?.type === "ArrowFunctionExpression";
}

/** Hands the signal on: as the options of an SDK's call, or among those that `fetch` has. */
function signalEdit(call: SyntaxNode, file: CodeFile): { start: number; end: number; text: string } | null {
  const given = list(call, "arguments");
  if (given.some(({ type }) => type === "SpreadElement")) return null;
  const last = given.at(-1);
  if (last === undefined) return null;
  const isSdk = nameOf(child(call, "callee")) === undefined;
  if (isSdk) return given.length === 1 ? { start: last.end, end: last.end, text: ", { signal }" } : null;
  const options = nameOf(child(call, "callee")) === "fetch" ? given[1] : given[0];
  if (options?.type !== "ObjectExpression") return null;
  const properties = list(options, "properties");
  const isTaken = properties.some((one) =>
    one.type === "SpreadElement" || /^(?:signal|abortSignal)$/.test(nameOf(child(one, "key")) ?? "")
  );
  const end = properties.at(-1)?.end;
  if (isTaken || end === undefined) return null;
  const key = nameOf(child(call, "callee")) === "fetch" ? "signal" : "abortSignal: signal";
  const isTall = file.lineStart(properties[0]!.start) !== file.lineStart(options.start);
  const gap = isTall
    ? `${file.content.includes("\r\n") ? "\r\n" : "\n"}${indentAt(file, properties[0]!.start)}`
    : " ";
  return { start: end, end, text: `,${gap}${key}` };
}

function indentAt(file: CodeFile, at: number): string {
  return /^[ \t]*/.exec(file.content.slice(file.lineStart(at)))![0];
}

/** A stream goes on after the call was answered: its limit must not end it. */
function streams(call: SyntaxNode, file: CodeFile): boolean {
  if (/^stream/.test(nameOf(child(call, "callee")) ?? "")) return true;
  const text = file.text(call);
  return /\bstream\b(?!["']?\s*:\s*false)/.test(text);
}

function holds(node: SyntaxNode, types: readonly string[]): boolean {
  return (node.below ?? []).some((one) => types.includes(one.type) || holds(one, types));
}
