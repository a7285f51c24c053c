/** A name that nobody declares and nothing that is known provides. @module */

import { missingNames } from "../missingNames.ts";
import type { CodeRule } from "../model.ts";

/** Says so; what was meant, only its author or a model can tell. */
export const undefinedName: CodeRule = {
  name: "undefined-name",
  severity: "warning",
  autoFixable: false,
  appliesTo: ["script", "vue"],
  check: (file, project) =>
    missingNames(file, project)
      .filter(({ providers, node, use }) => providers.length === 0 && node !== undefined && use !== "type")
      .filter(({ node }) => node!.parent?.type !== "UnaryExpression" || node!.parent.operator !== "typeof")
      .map(({ name, at }) => ({ message: `${name} is not declared`, at })),
};
