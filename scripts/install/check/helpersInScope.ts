/** Brings the helpers into a handler: one statement at its beginning, with the request that it has. @module */

import type { TextEdit } from "../../../supabase/functions/_shared/core/codeEdits.ts";
import type { SyntaxNode } from "../../../supabase/functions/_shared/core/codeSyntax.ts";
import { aroundOf, child, type CodeFile, type HandlerNeed, list, nameOf } from "./gap.ts";
import { handlerFunctions } from "./handlers.ts";

const INITIALISER = "initializeEnterpriseInfrastructure";
const HELPERS = ["protectedAICall", "resilientDb", INITIALISER];

/** The handler around a node in which the helpers can be had; null where there is none. */
export function handlerAround(node: SyntaxNode, file: CodeFile): SyntaxNode | null {
  // Whoever uses them already has them where they are wanted.
  if (file.nodes("Identifier").some((one) => HELPERS.includes(String(one.name)))) return null;
  const handlers = handlerFunctions(file);
  const handler = [...aroundOf(node)].find((outer) => handlers.includes(outer));
  if (handler === undefined || handler.async !== true || requestOf(handler) === undefined) return null;
  return list(child(handler, "body"), "body").length === 0 ? null : handler;
}

function requestOf(handler: SyntaxNode): string | undefined {
  return nameOf(list(handler, "params")[0]);
}

/** The statements that handlers need, one each. */
export function helperEdits(needs: readonly HandlerNeed[], file: CodeFile, end: string): TextEdit[] {
  const handlers = [...new Set(needs.map(({ handler }) => handler))];
  return handlers.map((handler) => {
    const own = needs.filter((one) => one.handler === handler);
    const names = [...new Set(own.map(({ helper }) => helper))].sort().join(", ");
    const role = own.some((one) => one.role === "service_role") ? ', { role: "service_role" }' : "";
    const first = list(child(handler, "body"), "body")[0]!;
    const statement = `const { ${names} } = await ${INITIALISER}(${requestOf(handler)}${role})${end}`;
    const body = child(handler, "body")!;
    const isOneLine = file.lineStart(body.start) === file.lineStart(first.start);
    const indent = /^[ \t]*/.exec(file.content.slice(file.lineStart(first.start)))![0];
    const gap = isOneLine
      ? (end === "" ? "; " : " ")
      : (file.content.includes("\r\n") ? "\r\n" : "\n") + indent;
    return { start: first.start, end: first.start, text: statement + gap };
  });
}
