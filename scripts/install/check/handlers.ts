/** Request handlers of edge functions that nothing is wrapped around. @module */

import { posix } from "node:path";
import type { SyntaxNode } from "../../../supabase/functions/_shared/core/codeSyntax.ts";
import type { Project } from "../../../supabase/functions/_shared/codeRules.ts";
import {
  child,
  type CodeFile,
  declaredAs,
  functionOf,
  type Gap,
  isFunction,
  list,
  nameOf,
  pathOf,
} from "./gap.ts";

const WRAPPER = "withSelfHealing";

/** A handler that a file serves. */
interface Served {
  /** What is served, as it is written. */
  expression: SyntaxNode;
  /** Null where it is written in a form that cannot be wrapped. */
  canWrap: boolean;
}

/** Finds them. */
export function handlerGaps(file: CodeFile, project: Project): Gap[] {
  const name = functionOf(file.path);
  if (name === null) return [];
  return servedBy(file).filter(({ expression }) => !isWrapped(expression, file, project))
    .map(({ expression, canWrap }) => ({
      rule: "unwrapped-handler",
      at: expression.start,
      message: `what ${name} fails with is answered as it comes, and recorded nowhere`,
      advice: `wrap the handler: withSelfHealing(handler, { functionName: "${name}" })`,
      rewrite: !canWrap ? null : {
        wraps: true,
        edits: [
          { start: expression.start, end: expression.start, text: `${WRAPPER}(` },
          { start: expression.end, end: expression.end, text: `, { functionName: "${name}" })` },
        ],
      },
    }));
}

/** The functions themselves that a file serves, wrapped or not: where a request is at hand. */
export function handlerFunctions(file: CodeFile): SyntaxNode[] {
  return servedBy(file).flatMap(({ expression }) => {
    const inner = unwrapped(expression);
    const handler = isFunction(inner) ? inner : declaredAs(file, nameOf(inner) ?? "");
    return isFunction(handler) ? [handler] : [];
  });
}

function unwrapped(expression: SyntaxNode): SyntaxNode {
  const isCall = expression.type === "CallExpression" &&
    pathOf(child(expression, "callee")).at(-1) === WRAPPER;
  return isCall ? list(expression, "arguments")[0] ?? expression : expression;
}

function servedBy(file: CodeFile): Served[] {
  const calls = file.nodes("CallExpression").filter((call) => isServe(child(call, "callee"), file)).flatMap(
    (call) => {
      const last = list(call, "arguments").at(-1);
      return last === undefined ? [] : [served(last, "handler")];
    },
  );
  const exported = file.nodes("ExportDefaultDeclaration").map((one) => child(one, "declaration"))
    .filter((one) => one?.type === "ObjectExpression").map((one) => served(one!, "fetch"))
    .filter(({ expression }) => expression.type !== "ObjectExpression");
  return [...calls, ...exported];
}

/** A function, or the property of an object that holds it. */
function served(node: SyntaxNode, key: string): Served {
  if (node.type !== "ObjectExpression") return { expression: node, canWrap: node.type !== "SpreadElement" };
  const property = list(node, "properties").find((one) => nameOf(child(one, "key")) === key);
  const value = child(property, "value");
  if (property?.type === "ObjectProperty" && value !== undefined && property.shorthand !== true) {
    return { expression: value, canWrap: true };
  }
  return { expression: property ?? node, canWrap: false };
}

function isServe(callee: SyntaxNode | undefined, file: CodeFile): boolean {
  if (pathOf(callee).join(".") === "Deno.serve") return true;
  const name = nameOf(callee);
  return name !== undefined &&
    file.modules.links.some(({ specifier, names }) =>
      /\bhttp\b/.test(specifier) &&
      names.some(({ local, imported }) => local === name && imported === "serve")
    );
}

/** A handler may be wrapped where it is served, where it is declared, or in the file that it comes from. */
function isWrapped(node: SyntaxNode | undefined, file: CodeFile, project: Project): boolean {
  if (node === undefined) return false;
  if (node.type === "CallExpression") return pathOf(child(node, "callee")).at(-1) === WRAPPER;
  const name = nameOf(node);
  if (name === undefined) return false;
  const declared = declaredAs(file, name);
  if (declared !== undefined) return isWrapped(declared, file, project);
  for (const { specifier, names } of file.modules.links) {
    const found = names.find(({ local }) => local === name);
    if (found === undefined || !specifier.startsWith(".")) continue;
    const other = project.file(posix.join(posix.dirname(file.path), specifier));
    return other !== undefined && other !== file &&
      isWrapped(declaredAs(other, found.imported), other, project);
  }
  return false;
}
