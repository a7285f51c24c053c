/** A type of the project or of a package, used without an import. @module */

import { importFindings } from "../missingNames.ts";
import type { CodeRule } from "../model.ts";

/** Imports it as a type. */
export const missingTypeImport: CodeRule = {
  name: "missing-type-import",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script", "vue", "svelte"],
  check: (file, project) => importFindings(file, project, ({ use }) => use === "type"),
};
