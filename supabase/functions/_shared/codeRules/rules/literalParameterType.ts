/** A parameter without a type, of a function that the file alone calls, always with values of one plain type. @module */

import type { SyntaxNode } from "../../core/codeSyntax.ts";
import type { CodeRule, FileEdit, Finding } from "../model.ts";
import type { FileModel } from "../fileModel.ts";
import { child, list, nameOf } from "../nodes.ts";

const TYPES: Readonly<Record<string, string>> = {
  StringLiteral: "string",
  TemplateLiteral: "string",
  NumericLiteral: "number",
  BooleanLiteral: "boolean",
};

/** Writes that type. */
export const literalParameterType: CodeRule = {
  name: "literal-parameter-type",
  severity: "warning",
  autoFixable: true,
  appliesTo: ["script"],
  check(file) {
    if (!/\.[cm]?tsx?$/.test(file.path)) return [];
    return file.nodes("FunctionDeclaration").flatMap((node): Finding[] => {
      const untyped = list(node, "params").filter((one) =>
        one.type === "Identifier" && child(one, "typeAnnotation") === undefined && one.optional !== true
      );
      if (untyped.length === 0) return [];
      const calls = onlyCalls(file, node);
      const types = untyped.map((one) => typeOf(calls, list(node, "params").indexOf(one)));
      if (calls.length === 0 || types.includes(undefined)) return [];
      const edits = untyped.map((one, index): FileEdit => ({
        path: file.path,
        start: one.end,
        end: one.end,
        text: `: ${types[index]}`,
      }));
      const names = untyped.map(nameOf).join(", ");
      return [{
        message: `${names} has no type`,
        at: untyped[0]!.start,
        fix: { description: `give ${names} the type that every call has`, confidence: 0.85, edits },
      }];
    });
  },
};

/** The calls of a function that is used for nothing else; none when it is. */
function onlyCalls(file: FileModel, node: SyntaxNode): SyntaxNode[] {
  const declaration = file.names?.declarations.find(({ owner }) => owner === node);
  if (declaration === undefined || declaration.exported) return [];
  const calls = declaration.references.map(({ node: use }) =>
    use.parent?.type === "CallExpression" && child(use.parent, "callee") === use ? use.parent : undefined
  );
  return calls.includes(undefined) ? [] : calls as SyntaxNode[];
}

function typeOf(calls: SyntaxNode[], index: number): string | undefined {
  const types = new Set(calls.map((call) => TYPES[list(call, "arguments")[index]?.type ?? ""]));
  return types.size === 1 ? [...types][0] : undefined;
}
