/**
 * Fixes that no failure asked for, such as an index or a missing file of a project: each is opened, proposed, permitted
 * and made in one transaction, or nothing of it is there. A process that is killed leaves no half of it.
 *
 * @module
 */

import { messageOf } from "./core/errors.ts";
import { isPassingTrouble } from "./core/passing.ts";
import type { Json, RpcPort } from "./core/ports.ts";
import { type OpenedFix, proposeUnasked } from "./engineDb.ts";
import { type FixAction, kindOf } from "./fixActions.ts";
import {
  type AppliedFix,
  beginFix,
  type Claim,
  type ProposedFix,
  recordFixApplied,
  releaseError,
} from "./healingDb.ts";
import type { DirectConnection, DirectTransaction } from "./postgres.ts";
import { type FixChanges, rehearseFix } from "./rollbackPoints.ts";

/** What is to be done, and on what evidence. */
export interface UnaskedFix {
  /** Opens what it is for as if it were an error, under a claim. */
  open: (db: RpcPort) => Promise<OpenedFix>;
  action: FixAction;
  reason: string;
  evidence: Json;
  /** 0..1. */
  confidence: number;
  wanted: "auto" | "suggest";
  wantedBecause: string;
  whatWillHappen: string;
  /** Looks again, under the claim; throws {@link HeldBack} where it is to be left for now. */
  check?: (db: RpcPort) => Promise<void>;
  /** True when it is proposed only if its rehearsal works; else it is proposed without a preview. */
  needsRehearsal: boolean;
  /** What already shows that it works. */
  proof?: NonNullable<AppliedFix["proof"]>;
}

/** What became of it. */
export interface ProposalOutcome {
  /** `left`: it is under way or was decided lately; `later`: a budget or somebody else's work holds it back. */
  kind: "applied" | "waiting" | "left" | "later";
  /** Of an applied one, what was done. */
  reason: string;
}

/** Nothing of the transaction stays. */
export class HeldBack extends Error {}

/** Proposes and, where it is permitted, applies. */
export async function proposeAndApply(
  connection: DirectConnection,
  fix: UnaskedFix,
): Promise<ProposalOutcome> {
  try {
    return await connection.transaction((tx) => inOneTransaction(tx, fix));
  } catch (error) {
    if (error instanceof HeldBack || isPassingTrouble(error)) {
      return { kind: "later", reason: messageOf(error) };
    }
    throw error;
  }
}

async function inOneTransaction(tx: DirectTransaction, fix: UnaskedFix): Promise<ProposalOutcome> {
  const opened = await fix.open(tx.rpc);
  if (!opened.opened) return { kind: "left", reason: opened.reason };
  await fix.check?.(tx.rpc);
  const claim = { id: opened.id, claim_number: opened.claim_number };
  const proposed = await propose(tx, fix, claim);
  if (proposed.decision === "suggest") return { kind: "waiting", reason: proposed.reason };
  if (proposed.decision === "off") {
    await releaseError(tx.rpc, claim, { status: "ignored", reason: proposed.reason });
    return { kind: "left", reason: proposed.reason };
  }
  const start = await beginFix(tx.rpc, proposed.fix_id!, claim);
  if (!start.moved && start.approval_id !== undefined) return { kind: "waiting", reason: start.reason };
  if (!start.moved) throw new HeldBack(start.reason);
  await apply(tx, fix, proposed.fix_id!, claim);
  return { kind: "applied", reason: fix.whatWillHappen };
}

async function propose(tx: DirectTransaction, fix: UnaskedFix, claim: Claim): Promise<ProposedFix> {
  const kind = kindOf(fix.action);
  const preview = await previewOf(tx, fix);
  return await proposeUnasked(tx.rpc, {
    detected_error_id: claim.id,
    claim_number: claim.claim_number,
    action: fix.action,
    target: kind.target(fix.action),
    tier: "deterministic",
    confidence: fix.confidence,
    risk: kind.risk(fix.action, "runtime"),
    reason: fix.reason,
    evidence: fix.evidence,
    wanted: fix.wanted,
    wanted_because: fix.wantedBecause,
    what_will_happen: fix.whatWillHappen,
    ...(preview === null ? {} : { preview }),
  });
}

/** What exactly it would change, for the person who may be asked; null where it cannot be made at this moment. */
async function previewOf(
  tx: DirectTransaction,
  { action, needsRehearsal }: UnaskedFix,
): Promise<FixChanges | null> {
  await tx.query("savepoint before_preview");
  try {
    const rehearsal = await rehearseFix(tx, action);
    if (rehearsal.kind === "works") return rehearsal.changes;
    if (needsRehearsal) throw new HeldBack(rehearsal.measured);
    return null;
  } finally {
    await tx.query("rollback to savepoint before_preview");
  }
}

async function apply(
  tx: DirectTransaction,
  { action, whatWillHappen, proof }: UnaskedFix,
  fixId: string,
  claim: Claim,
): Promise<void> {
  const kind = kindOf(action);
  const context = { sql: tx };
  const precondition = await kind.precondition(context, action);
  if (precondition.kind !== "go") throw new HeldBack(precondition.reason);
  const rollbackPoint = await kind.snapshot(context, action);
  await kind.apply(context, action);
  const { ok, measured } = await kind.probe(context, action);
  if (!ok) throw new HeldBack(measured);
  await recordFixApplied(tx.rpc, fixId, claim, {
    rollback_point: rollbackPoint,
    probe: { ok, measured },
    description: whatWillHappen,
    duration_ms: 0,
    ...(proof === undefined ? {} : { proof }),
  });
}
