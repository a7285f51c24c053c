/** "use client" or "use server" that stands behind other statements, where it means nothing. @module */

import type { CodeRule, Finding } from "../model.ts";
import { child } from "../nodes.ts";
import { wholeLines } from "../removal.ts";

/** Moves it to the first line. */
export const misplacedDirective: CodeRule = {
  name: "misplaced-directive",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script"],
  check(file) {
    return file.nodes("ExpressionStatement").flatMap((statement): Finding[] => {
      const value = child(statement, "expression");
      const isDirective = value?.type === "StringLiteral" && /^use (?:client|server)$/.test(`${value.value}`);
      if (!isDirective || statement.parent?.type !== "Program") return [];
      const removal = wholeLines(file.content, statement.start, statement.end);
      const isApart = /\n[ \t]*\r?\n$/.test(file.content.slice(0, removal.start));
      const gap = isApart ? /^[ \t]*\r?\n/.exec(file.content.slice(removal.end)) : null;
      const edits = [
        { path: file.path, start: 0, end: 0, text: `${file.text(statement)}\n\n` },
        { path: file.path, ...removal, end: removal.end + (gap?.[0].length ?? 0) },
      ];
      return [{
        message: `"${value.value}" must be the first statement`,
        at: statement.start,
        fix: { description: "move it to the first line", confidence: 0.95, edits },
      }];
    });
  },
};
