/** A comment that stands for code which was left out. @module */

import type { CodeRule } from "../model.ts";
import { omittingComments } from "../omitted.ts";

/** Says so; what was left out has to be written. */
export const omittedCode: CodeRule = {
  name: "omitted-code",
  severity: "error",
  autoFixable: false,
  appliesTo: ["script", "vue", "svelte"],
  check: (file) =>
    omittingComments(file).map((comment) => ({
      message: "A comment stands where code was left out",
      at: comment.start,
    })),
};
