/** A name that a file of the project exports, used without an import. @module */

import { importFindings } from "../missingNames.ts";
import type { CodeRule } from "../model.ts";

/** Imports it when one file exports it. */
export const missingImport: CodeRule = {
  name: "missing-import",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script", "vue", "svelte"],
  check: (file, project) =>
    importFindings(file, project, ({ use }, { source }) => source === "project" && use !== "type"),
};
