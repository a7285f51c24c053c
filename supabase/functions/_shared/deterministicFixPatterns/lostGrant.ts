/** A role lacks a right that it should have: give it back, to two roles only. @module */

import { type DeterministicRule, hasCode } from "./rule.ts";

const DENIED = /^permission denied for (schema|table|view|relation|sequence|function) "?([^"\n]{1,127}?)"?$/;

/** The rule for one role; which role was refused is often not said. */
function lostGrantOf(to: "service_role" | "authenticated"): DeterministicRule {
  return {
    key: `lost_grant_${to}`,
    confidence: 0.8,
    because: `${to} lacks a right on it that it should have`,
    propose({ code, message, place }) {
      if (!hasCode(code, "42501") || (place?.role !== undefined && place.role !== to)) return null;
      const [, said, name] = DENIED.exec(message) ?? [];
      if (said === undefined || name === undefined) return null;
      const on = said === "view" || said === "relation" ? "table" : said;
      return { kind: "grant_privilege", on, name, to };
    },
  };
}

/** The rules `lost_grant_authenticated` and `lost_grant_service_role`. */
export const LOST_GRANTS: readonly DeterministicRule[] = [
  lostGrantOf("authenticated"),
  lostGrantOf("service_role"),
];
