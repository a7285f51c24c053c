/** `return` on a line of its own, with its value below: the language ends the statement there. @module */

import type { CodeRule, Finding } from "../model.ts";
import { child, list } from "../nodes.ts";

/** Puts the value in parentheses that start behind the return. */
export const returnOnOwnLine: CodeRule = {
  name: "return-on-own-line",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script"],
  check(file) {
    return file.nodes("ReturnStatement").flatMap((statement): Finding[] => {
      const block = statement.parent;
      const next = block === undefined
        ? undefined
        : list(block, "body")[list(block, "body").indexOf(statement) + 1];
      const value = child(next, "expression");
      const isLost = child(statement, "argument") === undefined && next?.type === "ExpressionStatement" &&
        value !== undefined && /^JSX(?:Element|Fragment)$/.test(value.type) &&
        !file.text(statement).endsWith(";");
      if (!isLost) return [];
      const indent = /^[ \t]*/.exec(file.content.slice(file.lineStart(statement.start)))![0];
      const { path } = file;
      const edits = [
        { path, start: statement.end, end: statement.end, text: " (" },
        { path, start: value.end, end: value.end, text: `\n${indent})` },
      ];
      return [{
        message: "The value below a lone return is never returned",
        at: statement.start,
        fix: { description: "put it in parentheses", confidence: 0.94, edits },
      }];
    });
  },
};
