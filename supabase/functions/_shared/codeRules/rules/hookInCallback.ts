/** A hook that is called in a callback, or outside of every component. @module */

import { componentAround, hookCalls, mayCallHooks } from "../hooks.ts";
import { functionName } from "../nodes.ts";
import type { CodeRule } from "../model.ts";

/** Says so; the call has to move, and what it depends on decides where to. */
export const hookInCallback: CodeRule = {
  name: "hook-in-callback",
  severity: "error",
  autoFixable: false,
  appliesTo: ["script"],
  check: (file, project) =>
    hookCalls(file, project).filter(({ home, call }) => {
      if (home === undefined) return file.modules.links.some(({ specifier }) => specifier === "react");
      return !mayCallHooks(home) && componentAround(call) !== undefined && functionName(home) === undefined;
    }).map(({ name, call }) => ({ message: `${name} is called in a callback`, at: call.start })),
};
