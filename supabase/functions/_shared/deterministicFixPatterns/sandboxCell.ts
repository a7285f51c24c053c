/** A cell of the sandbox is broken: the system tries itself, and mends it. @module */

import type { DeterministicRule } from "./rule.ts";

/** The rule `sandbox_cell`. */
export const sandboxCell: DeterministicRule = {
  key: "sandbox_cell",
  confidence: 0.95,
  because: "an audit broke a cell of the sandbox, where nothing means anything",
  propose({ code, message }) {
    if (code !== "HSBOX") return null;
    const cell = /^sandbox cell (audit_[0-9a-f]{32}) is broken$/.exec(message)?.[1];
    return cell === undefined ? null : { kind: "set_sandbox_cell", cell };
  },
};
