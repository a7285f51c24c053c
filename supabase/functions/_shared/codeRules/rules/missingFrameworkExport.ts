/** What a framework looks for in a file, declared there and not exported. @module */

import { isFrameworkExport } from "../frameworkExports.ts";
import type { CodeRule, Finding } from "../model.ts";
import { list } from "../nodes.ts";

/** Exports it. */
export const missingFrameworkExport: CodeRule = {
  name: "missing-framework-export",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script"],
  check(file, { framework }) {
    return (file.names?.declarations ?? []).flatMap((one): Finding[] => {
      const { name, scope, owner, references, exported } = one;
      const isWanted = scope.parent === undefined && !exported && references.length === 0 &&
        isFrameworkExport(framework, file.path, name);
      const statement = owner.type === "VariableDeclarator" ? owner.parent : owner;
      const isAlone = statement?.parent?.type === "Program" &&
        (owner === statement || list(statement, "declarations").length === 1);
      if (!isWanted || statement === undefined) return [];
      const edits = [{ path: file.path, start: statement.start, end: statement.start, text: "export " }];
      return [{
        message: `${name} is for the framework, and not exported`,
        at: statement.start,
        fix: isAlone ? { description: `export ${name}`, confidence: 0.93, edits } : undefined,
      }];
    });
  },
};
