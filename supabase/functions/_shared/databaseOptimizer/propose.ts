/**
 * One optimisation through the lifecycle of a fix, in one transaction: it is opened, proposed, permitted, and its job put
 * on the schedule, or nothing of it is there. A process that is killed leaves no half of it.
 *
 * @module
 */

import { messageOf } from "../core/errors.ts";
import type { Json } from "../core/ports.ts";
import { isPassingTrouble } from "../core/passing.ts";
import { type FixAction, kindOf } from "../fixActions.ts";
import { openOptimisation, proposeOptimisation } from "../engineDb.ts";
import { beginFix, recordFixApplied, releaseError } from "../healingDb.ts";
import type { DirectConnection, DirectTransaction } from "../postgres.ts";
import { type FixChanges, rehearseFix } from "../rollbackPoints.ts";

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

/** What became of it. */
export type ProposalOutcome =
  | { kind: "applied"; description: string }
  | { kind: "waiting"; reason: string }
  /** It is under way, or was decided lately. */
  | { kind: "left"; reason: string }
  /** Not now. */
  | { kind: "later"; reason: string };

/** Nothing of the transaction stays. */
class Held extends Error {}

/** Proposes and, where it is permitted, applies. */
export async function proposeAndApply(
  connection: DirectConnection,
  optimisation: Optimisation,
  worker: string,
): Promise<ProposalOutcome> {
  try {
    return await connection.transaction((tx) => inOneTransaction(tx, optimisation, worker));
  } catch (error) {
    if (error instanceof Held || isPassingTrouble(error)) return { kind: "later", reason: messageOf(error) };
    throw error;
  }
}

async function inOneTransaction(
  tx: DirectTransaction,
  optimisation: Optimisation,
  worker: string,
): Promise<ProposalOutcome> {
  const { key, action, reason, evidence, confidence, caution } = optimisation;
  const kind = kindOf(action);
  const opened = await openOptimisation(
    tx.rpc,
    { fingerprint: `optimise:${key}`, type: action.kind, message: reason },
    worker,
  );
  if (!opened.opened) return { kind: "left", reason: opened.reason };
  const claim = { id: opened.id, claim_number: opened.claim_number };
  const preview = await previewOf(tx, action);
  const proposed = await proposeOptimisation(tx.rpc, {
    detected_error_id: claim.id,
    claim_number: claim.claim_number,
    action,
    target: kind.target(action),
    tier: "deterministic",
    confidence,
    risk: kind.risk(action, "runtime"),
    reason,
    evidence: { optimise: evidence },
    wanted: caution === null ? "auto" : "suggest",
    wanted_because: caution ?? reason,
    what_will_happen: kind.describe(action),
    ...(preview === null ? {} : { preview }),
  });
  if (proposed.decision === "suggest") return { kind: "waiting", reason: proposed.reason };
  if (proposed.decision === "off") {
    await releaseError(tx.rpc, claim, { status: "ignored", reason: proposed.reason });
    return { kind: "left", reason: proposed.reason };
  }
  const start = await beginFix(tx.rpc, proposed.fix_id!, claim);
  if (!start.moved && start.approval_id !== undefined) return { kind: "waiting", reason: start.reason };
  if (!start.moved) throw new Held(start.reason);
  return await apply(tx, action, { fixId: proposed.fix_id!, claim });
}

/** What exactly it would change, for the person who may be asked; null where it cannot be made at this moment. */
async function previewOf(tx: DirectTransaction, action: FixAction): Promise<FixChanges | null> {
  await tx.query("savepoint before_preview");
  try {
    const rehearsal = await rehearseFix(tx, action);
    return rehearsal.kind === "works" ? rehearsal.changes : null;
  } finally {
    await tx.query("rollback to savepoint before_preview");
  }
}

async function apply(
  tx: DirectTransaction,
  action: FixAction,
  { fixId, claim }: { fixId: string; claim: { id: string; claim_number: number } },
): Promise<ProposalOutcome> {
  const kind = kindOf(action);
  const context = { sql: tx };
  const precondition = await kind.precondition(context, action);
  if (precondition.kind !== "go") throw new Held(precondition.reason);
  const rollbackPoint = await kind.snapshot(context, action);
  await kind.apply(context, action);
  const { ok, measured } = await kind.probe(context, action);
  if (!ok) throw new Held(measured);
  const description = kind.describe(action);
  await recordFixApplied(tx.rpc, fixId, claim, {
    rollback_point: rollbackPoint,
    probe: { ok, measured },
    description,
    duration_ms: 0,
  });
  return { kind: "applied", description };
}
