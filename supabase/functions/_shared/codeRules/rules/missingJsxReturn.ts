/** A function in braces whose element is not returned. @module */

import type { SyntaxNode } from "../../core/codeSyntax.ts";
import type { FileModel } from "../fileModel.ts";
import type { CodeRule, Finding } from "../model.ts";
import { child, functionName, FUNCTIONS, list } from "../nodes.ts";

/** Returns it when it is the last thing that the function says. */
export const missingJsxReturn: CodeRule = {
  name: "missing-jsx-return",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script"],
  check(file) {
    const declared = file.nodes("VariableDeclarator").flatMap((one): Finding[] => {
      const gap = callByAccident(file, child(one, "init"));
      return gap === undefined ? [] : [accident(file, gap)];
    });
    const stated = file.nodes("ExpressionStatement").flatMap((statement): Finding[] => {
      const value = child(statement, "expression");
      const gap = value === undefined ? undefined : callByAccident(file, value);
      if (gap !== undefined) return [accident(file, gap)];
      if (value === undefined || !/^JSX(?:Element|Fragment)$/.test(value.type)) return [];
      const block = statement.parent;
      // A lone return above it is a defect of its own.
      const above = list(block, "body")[list(block, "body").indexOf(statement) - 1];
      if (above?.type === "ReturnStatement") return [];
      const home = block?.parent;
      const isLast = block?.type === "BlockStatement" && list(block, "body").at(-1) === statement;
      const returns = isLast && home !== undefined && FUNCTIONS.has(home.type) && isRenderer(home);
      const edits = [{ path: file.path, start: statement.start, end: statement.start, text: "return " }];
      return [{
        message: "The element is made and not returned",
        at: statement.start,
        fix: returns ? { description: "return it", confidence: 0.92, edits } : undefined,
      }];
    });
    return [...declared, ...stated];
  },
};

/** Without semicolons the element in parentheses becomes the argument of what stands on the line above. */
function callByAccident(file: FileModel, value: SyntaxNode | undefined): number | undefined {
  const call = value?.type === "AwaitExpression" ? child(value, "argument") : value;
  const [first, ...others] = list(call, "arguments");
  if (call?.type !== "CallExpression" || others.length > 0) return undefined;
  if (!/^JSX(?:Element|Fragment)$/.test(first?.type ?? "")) return undefined;
  const from = child(call, "callee")!.end;
  const gap = file.content.slice(from, first!.start);
  return /^[ \t]*\r?\n\s*\(\s*$/.test(gap) ? from + gap.lastIndexOf("(") : undefined;
}

function accident(file: FileModel, at: number): Finding {
  const edits = [{ path: file.path, start: at, end: at, text: "return " }];
  return {
    message: "The element is given to the line above and not returned",
    at,
    fix: { description: "return it", confidence: 0.93, edits },
  };
}

function isRenderer(home: NonNullable<ReturnType<typeof child>>): boolean {
  const name = functionName(home);
  return name === undefined ? home.parent?.type === "CallExpression" : /^[A-Z]|^render/.test(name);
}
