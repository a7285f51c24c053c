/** Server actions that nothing is wrapped around. They run in the app's own runtime, where the library does not. @module */

import type { SyntaxNode } from "../../../supabase/functions/_shared/core/codeSyntax.ts";
import { child, type CodeFile, type Gap, isFunction, list, nameOf, pathOf } from "./gap.ts";

/** Finds them. */
export function serverActionGaps(file: CodeFile): Gap[] {
  const actions = hasDirective(file.tree.program ?? undefined) ? exportedFunctions(file) : [];
  const inline = ["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"].flatMap((type) =>
    file.nodes(type)
  )
    .filter((one) => hasDirective(child(one, "body")) && !isWrapped(one));
  return [...new Set([...actions, ...inline])].map((action) => ({
    rule: "unwrapped-server-action",
    at: action.start,
    message: `the server action ${
      nameOf(child(action, "id")) ?? "here"
    } fails without a trace, and is not made again`,
    advice:
      "let it call an edge function that is wrapped, for what must not be lost: supabase.functions.invoke(…)",
    rewrite: null,
  }));
}

function hasDirective(node: SyntaxNode | undefined): boolean {
  return list(node, "directives").some((one) => child(one, "value")?.value === "use server");
}

function exportedFunctions(file: CodeFile): SyntaxNode[] {
  return ["ExportNamedDeclaration", "ExportDefaultDeclaration"].flatMap((type) => file.nodes(type)).flatMap(
    (one) => {
      const declared = child(one, "declaration");
      if (isFunction(declared)) return [declared];
      return list(declared, "declarations").map((variable) => child(variable, "init")).filter(isFunction);
    },
  );
}

function isWrapped({ parent }: SyntaxNode): boolean {
  return parent?.type === "CallExpression" && pathOf(child(parent, "callee")).at(-1) === "withSelfHealing";
}
