/** A function in braces whose element is not returned. @module */

import type { CodeRule, Finding } from "../model.ts";
import { child, functionName, FUNCTIONS, list } from "../nodes.ts";

/** Returns it when it is the last thing that the function says. */
export const missingJsxReturn: CodeRule = {
  name: "missing-jsx-return",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script"],
  check(file) {
    return file.nodes("ExpressionStatement").flatMap((statement): Finding[] => {
      const value = child(statement, "expression");
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
  },
};

function isRenderer(home: NonNullable<ReturnType<typeof child>>): boolean {
  const name = functionName(home);
  return name === undefined ? home.parent?.type === "CallExpression" : /^[A-Z]|^render/.test(name);
}
