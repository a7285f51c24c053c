/** Two default exports in one file. @module */

import type { CodeRule, Finding } from "../model.ts";
import { child, nameOf } from "../nodes.ts";
import { wholeLines } from "../removal.ts";

/** Takes the later one away when both export the same name. */
export const duplicateDefaultExport: CodeRule = {
  name: "duplicate-default-export",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script"],
  readsBroken: true,
  check(file) {
    const [first, ...others] = file.nodes("ExportDefaultDeclaration").filter((node) =>
      child(node, "declaration")?.type !== "TSDeclareFunction" &&
      child(node, "declaration")?.type !== "TSInterfaceDeclaration"
    );
    if (first === undefined) return [];
    const name = (node: typeof first) =>
      nameOf(child(child(node, "declaration"), "id")) ?? nameOf(child(node, "declaration"));
    return others.map((other): Finding => {
      const isSame = name(first) !== undefined && name(first) === name(other) &&
        child(other, "declaration")?.type === "Identifier";
      const edit = { ...wholeLines(file.content, other.start, other.end), path: file.path };
      return {
        message: "A module has one default export",
        at: other.start,
        fix: isSame
          ? { description: "remove the second default export", confidence: 0.93, edits: [edit] }
          : undefined,
      };
    });
  },
};
