/** What a look at the database found. @module */

import type { ActionDraft, Risk } from "../core/fixes.ts";
import type { RpcPort } from "../core/ports.ts";

/** A finding with its proposal, ready to be recorded. */
export interface FindingRow {
  code: string;
  severity: "low" | "medium" | "high";
  object: string;
  message: string;
  advice: string;
  sql?: string;
  probe: string | null;
  place?: string;
  /** What would be done, when a person agrees. */
  proposal?: { action: ActionDraft; target: string; risk: Risk; what_will_happen: string; preview: object };
}

/** What became of the findings of one look. */
export interface FindingCounts {
  seen: number;
  new: number;
  proposed: number;
  closed: number;
}

/** Writes findings down; those of a complete look that are not among them are closed. */
export function recordFindings(
  db: RpcPort,
  scope: "advice" | "needs",
  findings: readonly FindingRow[],
  isComplete: boolean,
): Promise<FindingCounts> {
  return db.call("record_findings", { p_scope: scope, p_findings: findings, p_is_complete: isComplete });
}

/** True for the one caller that may look at the database now. */
export function takeFindingTurn(db: RpcPort, scope: "advice" | "needs"): Promise<boolean> {
  return db.call("take_finding_turn", { p_scope: scope });
}
