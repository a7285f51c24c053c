/** Missing needs as findings: with a fix where a known kind provides it, otherwise in words. @module */

import type { ActionDraft } from "../core/fixes.ts";
import { INSTALLABLE_EXTENSIONS } from "../fixActions.ts";
import type { CheckedNeed } from "./check.ts";
import type { Finding, FindingSeverity } from "./finding.ts";
import { nameOfNeed, type NeedKind, type NeedSubject, placeText } from "./need.ts";

/** Each missing need as a finding. What is unknown is nobody's fault and no finding. */
export function findingsOfNeeds(needs: readonly CheckedNeed[]): Finding[] {
  return needs.filter(({ state }) => state === "missing").map((
    { subject, place, why, satisfy, evidence },
  ) => ({
    code: `need_${subject.kind}`,
    severity: SEVERITIES[subject.kind] ?? "high",
    object: nameOfNeed(subject),
    message: `${why}; ${evidence}`,
    fix: fixFor(subject),
    advice: satisfy,
    probe: null,
    place: placeText(place),
  }));
}

/** What does not fail at once; everything else does. */
const SEVERITIES: { [Kind in NeedKind]?: FindingSeverity } = {
  index: "low",
  redirect_url: "medium",
  auth_provider: "medium",
  sign_up_trigger: "medium",
  policy: "medium",
  row_security: "medium",
};

/** A fix of an existing kind, or none: a secret's value, a policy and whose rows are whose only a person knows. */
function fixFor(subject: NeedSubject): ActionDraft | null {
  switch (subject.kind) {
    case "extension":
      return (INSTALLABLE_EXTENSIONS as readonly string[]).includes(subject.extension)
        ? { kind: "create_extension", extension: subject.extension, provides: subject.provides }
        : null;
    case "schema":
      return { kind: "create_schema", schema: subject.schema };
    case "bucket":
      return { kind: "create_bucket", bucket: subject.name };
    case "grant": {
      if (subject.role !== "service_role") return null;
      const name = subject.on === "schema" ? subject.schema : `${subject.schema}.${subject.name}`;
      return { kind: "grant_privilege", on: subject.on, name, to: "service_role" };
    }
    default:
      return null;
  }
}
