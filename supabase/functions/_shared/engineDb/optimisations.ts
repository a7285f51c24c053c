/** Indexes that are built and removed by jobs, and what else could be better. @module */

import type { ActionDraft } from "../core/fixes.ts";
import type { RpcPort } from "../core/ports.ts";
import type { ProposedFix } from "../healingDb.ts";

/** What came of a job that builds or removes an index. */
export interface SettledJob {
  id: number;
  purpose: "create" | "drop";
  schema: string;
  table: string;
  index: string;
  state: "waiting" | "running" | "done" | "failed";
  reason: string;
}

/** Ends the jobs whose work the catalogue shows, and asks for the removal of what a failed one left. */
export function settleIndexJobs(db: RpcPort): Promise<SettledJob[]> {
  return db.call("settle_index_jobs", {});
}

/** Whether the database is too busy for an index to be built now. */
export function getDatabaseLoad(db: RpcPort): Promise<{ busy: boolean; reason: string; active: number }> {
  return db.call("get_database_load", {});
}

/** What could be better; `action` is one that a person may approve. */
export interface Finding {
  key: string;
  kind: string;
  severity: "low" | "medium" | "high";
  object: string;
  measured: string;
  why: string;
  proposal?: string;
  action?: ActionDraft;
}

/** What the catalogue and the counters show now. */
export function findOptimisations(db: RpcPort): Promise<Finding[]> {
  return db.call("find_optimisations", {});
}

/** Takes note of all findings, and closes those that are gone. */
export function recordOptimisations(
  db: RpcPort,
  findings: readonly Finding[],
): Promise<{ opened: number; closed: number }> {
  return db.call("record_optimisations", { p_findings: findings });
}

/** A fix that no failure asked for, under a claim, or why it is left. */
export type OpenedFix =
  | { opened: true; id: string; claim_number: number }
  | { opened: false; id?: string; reason: string };

/** Opens an optimisation as if it were an error, under a claim. */
export function openOptimisation(
  db: RpcPort,
  optimisation: { fingerprint: string; type: string; message: string },
  worker: string,
): Promise<OpenedFix> {
  return db.call("open_optimisation", { p_optimisation: optimisation, p_worker: worker });
}

/** A fix that no pattern learns from: what helps one table says nothing about another. */
export function proposeUnasked(db: RpcPort, fix: Record<string, unknown>): Promise<ProposedFix> {
  return db.call("propose_fix", { p_fix: fix });
}
