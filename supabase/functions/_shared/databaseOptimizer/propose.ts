/** One optimisation through the lifecycle of a fix; its job is put on the schedule, or nothing of it is there. @module */

import type { Json } from "../core/ports.ts";
import { openOptimisation } from "../engineDb.ts";
import { type FixAction, kindOf } from "../fixActions.ts";
import type { DirectConnection } from "../postgres.ts";
import { type ProposalOutcome, proposeAndApply } from "../unaskedFixes.ts";

/** What is to be done, and on what evidence. */
export interface Optimisation {
  /** What it is known by, and opened only once under. */
  key: string;
  action: FixAction;
  reason: string;
  evidence: Json;
  /** 0..1. */
  confidence: number;
  /** Why a person has to decide, or null. */
  caution: string | null;
}

/** Proposes and, where it is permitted, applies. */
export function proposeOptimisation(
  connection: DirectConnection,
  { key, action, reason, evidence, confidence, caution }: Optimisation,
  worker: string,
): Promise<ProposalOutcome> {
  const opening = { fingerprint: `optimise:${key}`, type: action.kind, message: reason };
  return proposeAndApply(connection, {
    open: (db) => openOptimisation(db, opening, worker),
    action,
    reason,
    evidence: { optimise: evidence },
    confidence,
    wanted: caution === null ? "auto" : "suggest",
    wantedBecause: caution ?? reason,
    whatWillHappen: kindOf(action).describe(action),
    needsRehearsal: false,
  });
}
