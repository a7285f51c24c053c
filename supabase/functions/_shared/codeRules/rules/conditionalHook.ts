/** A hook that is called in a branch or a loop. @module */

import { branchAround, hookCalls } from "../hooks.ts";
import type { CodeRule } from "../model.ts";

/** Says so: how the component has to be built instead depends on what the condition means. */
export const conditionalHook: CodeRule = {
  name: "conditional-hook",
  severity: "error",
  autoFixable: false,
  appliesTo: ["script"],
  check: (file, project) =>
    hookCalls(file, project).filter((hook) => hook.home !== undefined && branchAround(hook) !== undefined)
      .map(({ name, call }) => ({ message: `${name} is not called every time`, at: call.start })),
};
