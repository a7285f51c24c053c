/** An import whose path is misspelled. @module */

import { deadLinkFindings } from "../missingFiles.ts";
import type { CodeRule } from "../model.ts";

/** Writes the name of the one file that is like it. */
export const misspelledPath: CodeRule = {
  name: "misspelled-path",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script", "vue", "svelte"],
  check: (file, project) => deadLinkFindings(file, project, "spelling"),
};
