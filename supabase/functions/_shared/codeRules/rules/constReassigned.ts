/** A constant that is written again. @module */

import type { CodeRule, Finding } from "../model.ts";
import { child, list } from "../nodes.ts";

/** Makes it a variable. */
export const constReassigned: CodeRule = {
  name: "const-reassigned",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script", "vue", "svelte"],
  check(file) {
    return (file.names?.declarations ?? []).flatMap((one): Finding[] => {
      const write = one.kind === "const" ? one.references.find(({ use }) => use === "write") : undefined;
      const statement = one.owner.parent;
      if (write === undefined || statement?.type !== "VariableDeclaration" || statement.kind !== "const") {
        return [];
      }
      const isSimple = child(one.owner, "id") === one.identifier &&
        list(statement, "declarations").length === 1 &&
        !one.exported;
      const edits = [{
        path: file.path,
        start: statement.start,
        end: statement.start + "const".length,
        text: "let",
      }];
      return [{
        message: `${one.name} is a constant and is written again`,
        at: write.node.start,
        fix: isSimple ? { description: `declare ${one.name} with let`, confidence: 0.9, edits } : undefined,
      }];
    });
  },
};
