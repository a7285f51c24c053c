/** The life of a run. @module */

import type { Json, RpcPort } from "../core/ports.ts";

/** Starts a run; `started` is false when this delivery is a repeat. */
export function startHealingRun(
  db: RpcPort,
  run: {
    runId: string | null;
    functionName: string;
    instanceId: string;
    trigger: string;
  },
): Promise<{ id: string; started: boolean }> {
  return db.call("start_healing_run", {
    p_run_id: run.runId,
    p_function_name: run.functionName,
    p_instance_id: run.instanceId,
    p_trigger: run.trigger,
  });
}

/** Ends a run, as failed when a reason is given. */
export function finishHealingRun(
  db: RpcPort,
  runId: string,
  counters: Json,
  reason?: string,
): Promise<boolean> {
  return db.call("finish_healing_run", {
    p_run_id: runId,
    p_counters: counters,
    p_reason: reason ?? null,
  });
}

/** Whether a run has a cycle for itself. */
export type CycleClaim =
  | { claimed: true; claim_number: number; checkpoint: Json }
  | { claimed: false; reason: string };

/** Leases one cycle to a run: of one project, or of all when it is empty. */
export function claimCycle(
  db: RpcPort,
  lease: { runId: string; cycle: number; projectId: string; leaseSeconds: number },
): Promise<CycleClaim> {
  return db.call("claim_cycle", {
    p_run_id: lease.runId,
    p_cycle: lease.cycle,
    p_project_id: lease.projectId,
    p_lease_seconds: lease.leaseSeconds,
  });
}

/** How a cycle ended. */
export interface CycleEndRow {
  status: "finished" | "paused" | "failed" | "not_installed";
  reason?: string;
  counters: Json;
  /** Where the next run goes on. */
  checkpoint?: Json;
  /** `true` calls the next run at once. */
  goes_on?: boolean;
}

/** Ends a leased cycle; false when its lease has gone to another run. */
export function finishCycle(
  db: RpcPort,
  lease: { cycle: number; projectId: string; claimNumber: number },
  end: CycleEndRow,
): Promise<boolean> {
  return db.call("finish_cycle", {
    p_cycle: lease.cycle,
    p_project_id: lease.projectId,
    p_claim_number: lease.claimNumber,
    p_end: end,
  });
}

/** Injects audits into the sandbox when they are due; returns the ids of their errors. */
export function injectSelfAudits(db: RpcPort): Promise<string[]> {
  return db.call("inject_self_audits", {});
}

/** Judges the audits that have ended; returns how many. */
export function settleSelfAudits(db: RpcPort): Promise<number> {
  return db.call("settle_self_audits", {});
}

/** Closes approvals past their time; returns how many. */
export function expireApprovals(db: RpcPort): Promise<number> {
  return db.call("expire_approvals", {});
}

/** One switch or limit: what is wanted, what is in force, and why they differ. */
export interface HealingSetting {
  wanted: Json;
  actual: Json;
  reason: string;
  updated_by: string;
}

/** All settings by key. */
export function getHealingSettings(db: RpcPort): Promise<Record<string, HealingSetting>> {
  return db.call("get_healing_settings", {});
}
