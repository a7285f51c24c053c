/** A name that a package of the project exports, used without an import. @module */

import { importFindings } from "../missingNames.ts";
import type { CodeRule } from "../model.ts";

/** Imports it when the project has the package. */
export const missingPackageImport: CodeRule = {
  name: "missing-package-import",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script", "vue", "svelte"],
  check: (file, project) =>
    importFindings(file, project, ({ use }, { source }) => source === "package" && use !== "type"),
};
