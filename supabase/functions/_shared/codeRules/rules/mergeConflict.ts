/** The marks of a merge that nobody finished. @module */

import type { CodeRule } from "../model.ts";

/** Says so; which side is right, only a person knows. */
export const mergeConflict: CodeRule = {
  name: "merge-conflict",
  severity: "error",
  autoFixable: false,
  appliesTo: ["script", "vue", "svelte", "json", "css", "html"],
  readsBroken: true,
  check(file) {
    const found = /^<{7} [^\n]*\n[^]*?^={7}\r?\n[^]*?^>{7} /m.exec(file.content);
    return found === null ? [] : [{ message: "A merge was not finished", at: found.index }];
  },
};
