/** An import whose path differs from the file's by its case only: some systems do not find it. @module */

import { deadLinkFindings } from "../missingFiles.ts";
import type { CodeRule } from "../model.ts";

/** Writes the path as the file has it. */
export const wrongPathCase: CodeRule = {
  name: "wrong-path-case",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script", "vue", "svelte"],
  check: (file, project) => deadLinkFindings(file, project, "case"),
};
