/** An import of a file that does not exist and that no other file can stand for. @module */

import { deadLinkFindings } from "../missingFiles.ts";
import type { CodeRule } from "../model.ts";

/** Says so; the file has to be written. */
export const unresolvedImport: CodeRule = {
  name: "unresolved-import",
  severity: "error",
  autoFixable: false,
  appliesTo: ["script", "vue", "svelte"],
  check: (file, project) => deadLinkFindings(file, project, "none"),
};
