/** Makes queued operations again: the best proof of a fix is that the very operations that failed succeed. @module */

import { messageOf } from "../core/errors.ts";
import type { ReplayReport } from "../core/ports.ts";
import {
  type Claim,
  type ClaimedOperation,
  claimOperation,
  finishOperation,
  recordFixProof,
  renewClaim,
  type RpcPort,
} from "../healingDb.ts";
import type { HealingEngineOptions, OperationInvoker } from "./options.ts";

/** What a replay needs of an engine. */
export type ReplayOptions = Pick<HealingEngineOptions, "db" | "invoke" | "worker" | "leaseSeconds">;

/** How much of it. */
export interface ReplayLimits {
  /** The claim on the error, to be renewed before each operation. */
  claim?: Claim;
  /** False when the time is up. */
  hasTime?: () => boolean;
}

/**
 * Claims operations one by one and makes each once; one that may succeed later goes back to the queue. With an error's
 * id its own operations, with null all whose fault is mended. What comes out is recorded with the fix under validation.
 */
export async function replayOperations(
  { db, invoke, worker, leaseSeconds = 120 }: ReplayOptions,
  errorId: string | null,
  { claim, hasTime = () => true }: ReplayLimits = {},
): Promise<ReplayReport> {
  const report: ReplayReport = { attempted: 0, succeeded: 0, failures: [] };
  if (invoke === undefined) return report;
  const proofs = new Map<string, ReplayReport>();
  const tried: string[] = [];
  while (hasTime()) {
    // One that went back to the queue is not made twice in one go.
    const operation = await claimOperation(db, worker, errorId, tried);
    if (operation === null) break;
    tried.push(operation.id);
    if (claim !== undefined) await renewClaim(db, claim, leaseSeconds);
    const failure = await replayOne(db, invoke, operation);
    count(report, failure);
    if (operation.validating_fix_id !== null) count(reportOf(proofs, operation.validating_fix_id), failure);
  }
  for (const [fixId, proof] of proofs) {
    const succeeded = proof.succeeded === proof.attempted;
    await recordFixProof(db, fixId, { succeeded, operations: { ...proof } });
  }
  return report;
}

/** Null when the target accepted the operation, else why not. */
async function replayOne(
  db: RpcPort,
  invoke: OperationInvoker,
  operation: ClaimedOperation,
): Promise<string | null> {
  const { status, body } = await invoke(operation).catch((error) => ({ status: 0, body: messageOf(error) }));
  if (status >= 200 && status < 300) {
    await finishOperation(db, operation, { status: "done", result: { status } });
    return null;
  }
  const error = `${operation.target} answered ${status}: ${body.slice(0, 300)}`;
  await finishOperation(db, operation, { status: mayPass(status) ? "queued" : endOf(operation), error });
  return error;
}

/** Whoever sent a write was told that it waits: that it cannot be made is for a person to know. */
function endOf({ operation_kind }: ClaimedOperation): "failed" | "needs_person" {
  return operation_kind === "write_rows" ? "needs_person" : "failed";
}

function count(report: ReplayReport, failure: string | null): void {
  report.attempted++;
  if (failure === null) report.succeeded++;
  else if (report.failures.length < 10) report.failures.push(failure);
}

function reportOf(proofs: Map<string, ReplayReport>, fixId: string): ReplayReport {
  const report = proofs.get(fixId) ?? { attempted: 0, succeeded: 0, failures: [] };
  proofs.set(fixId, report);
  return report;
}

/** No answer, a server's fault and "later" may pass; any other refusal is an answer. */
function mayPass(status: number): boolean {
  return status === 0 || status >= 500 || [408, 409, 425, 429].includes(status);
}
