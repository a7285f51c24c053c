/** Code that does not parse and that no repair makes parse. @module */

import type { CodeRule, Finding } from "../model.ts";
import { isRedeclaration } from "./duplicateDeclaration.ts";

const TOLD_ELSEWHERE = new Set(["AwaitNotInAsyncContext"]);

/** Says where it stops making sense. */
export const syntaxError: CodeRule = {
  name: "syntax-error",
  severity: "error",
  autoFixable: false,
  appliesTo: ["script", "vue", "svelte"],
  readsBroken: true,
  check: (file): Finding[] =>
    file.tree.problems.filter((problem) => !isRedeclaration(problem) && !TOLD_ELSEWHERE.has(problem.reason))
      .slice(0, 5).map(({ message, at }) => ({ message, at })),
};
