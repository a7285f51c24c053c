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
