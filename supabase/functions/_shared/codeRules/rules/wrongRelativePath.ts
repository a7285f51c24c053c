/** An import of a file that lies elsewhere in the project. @module */

import { deadLinkFindings } from "../missingFiles.ts";
import type { CodeRule } from "../model.ts";

/** Writes the path to the one file of that name. */
export const wrongRelativePath: CodeRule = {
  name: "wrong-relative-path",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script", "vue", "svelte"],
  check: (file, project) => deadLinkFindings(file, project, "place"),
};
