/** Turns findings into rows, and those that a kind of fix mends into proposals that wait for a person. @module */

import { messageOf } from "../core/errors.ts";
import type { SqlPort } from "../core/ports.ts";
import { type FixAction, kindOf, parseFixAction } from "../fixActions.ts";
import { type FindingCounts, type FindingRow, recordFindings } from "../engineDb.ts";
import { type RpcPort } from "../healingDb.ts";
import { type FixChanges, rehearseFix } from "../rollbackPoints.ts";
import type { Finding } from "./finding.ts";

/** What became of findings, and which fixes were not proposed, and why. */
export interface FindingsReport extends FindingCounts {
  refused: { object: string; reason: string }[];
}

/** What recording needs. */
export interface RecordMeans {
  rpc: RpcPort;
  /** A transaction that looks whether a fix may be made; without it none is proposed. */
  sql: SqlPort | null;
}

/**
 * Writes findings down. Nothing is applied: a fix whose precondition holds becomes a proposal that waits for a person,
 * once for as long as the finding stands.
 */
export async function proposeFindings(
  { rpc, sql }: RecordMeans,
  scope: "advice" | "needs",
  findings: readonly Finding[],
  { isComplete = true } = {},
): Promise<FindingsReport> {
  const rows: FindingRow[] = [];
  const refused: FindingsReport["refused"] = [];
  for (const finding of findings) {
    const { fix, ...words } = finding;
    const tried = fix === null || sql === null ? null : await tryFix(sql, fix);
    if (typeof tried === "string") {
      refused.push({ object: finding.object, reason: tried });
      rows.push({ ...words, advice: `${words.advice} (not proposed: ${tried})` });
    } else rows.push(tried === null ? words : { ...words, proposal: proposalOf(tried) });
  }
  return { ...await recordFindings(rpc, scope, rows, isComplete), refused };
}

/** A fix that may be made here, and what exactly it would change. */
interface TriedFix {
  action: FixAction;
  changes: FixChanges;
}

/** The fix as it was rehearsed, when it may be made here; else why not. Whatever the look did is taken back. */
async function tryFix(sql: SqlPort, fix: object): Promise<TriedFix | string> {
  await sql.query("savepoint before_look");
  try {
    const action = parseFixAction(fix);
    const rehearsal = await rehearseFix(sql, action);
    return rehearsal.kind === "works" ? { action, changes: rehearsal.changes } : rehearsal.measured;
  } catch (error) {
    return messageOf(error);
  } finally {
    await sql.query("rollback to savepoint before_look");
  }
}

function proposalOf({ action, changes }: TriedFix): NonNullable<FindingRow["proposal"]> {
  const kind = kindOf(action);
  return {
    action: { ...action },
    target: kind.target(action),
    risk: kind.risk(action, "runtime"),
    what_will_happen: kind.describe(action),
    preview: { ...changes },
  };
}
