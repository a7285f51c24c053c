/** What healing a migration is given and answers, and how it is told in rows. @module */

import type { Advice } from "./advice.ts";
import type { ScriptStatement, Tier } from "../core/fixes.ts";
import type { Json } from "../core/ports.ts";
import { recordBuildEvent } from "../healingDb.ts";
import type { HealOutcome } from "../healingEngine.ts";
import type { DirectConnection } from "../postgres.ts";

/** What is to be healed, and where. */
export interface DatabaseHealOptions {
  /** The migration that failed: a script; its own `begin` and `commit` may only stand in pairs. */
  migration: string;
  /** Name of the migration, for the rows that tell of it. */
  name?: string;
  /** The direct connection of the project, as its `postgres` role. */
  databaseUrl: string;
  /** Fixes in a row before it gives up; 20. */
  maxFixes?: number;
}

/** A fix that helped. */
export interface AppliedDatabaseFix {
  fixId: string;
  action: string;
  description: string;
  tier: Tier;
  /** What showed that it works. */
  proof: string;
  /** Statements that the fix brought in or wrote anew. */
  sql: string[];
  /** Statements of the migration that these replace, or that were left out. */
  replaced: string[];
}

/** What became of a migration. */
export interface DatabaseHealResult {
  healed: boolean;
  /** In the order in which they were applied. */
  fixes: AppliedDatabaseFix[];
  /** Why it ended as it did, one sentence. */
  reason: string;
  /** What the database said last, when it is not healed. */
  error?: { code: string; message: string };
  /** What a person may do, where the failure is known and not healed. */
  advice?: Advice;
  /** The approval that a fix waits for. */
  approvalId?: string;
  /** The migration as it ran, one list of statements for each transaction; absent when it is not healed. */
  parts?: string[][];
  durationMs: number;
}

/** An applied fix with the statements that it brought in and took out. */
export function fixOf(
  outcome: HealOutcome & { kind: "applied" },
  before: readonly ScriptStatement[],
): AppliedDatabaseFix {
  const after = outcome.script!.script.statements;
  const { fixId, action, description, tier, proof } = outcome;
  const missingFrom = (list: readonly ScriptStatement[], other: readonly ScriptStatement[]) =>
    list.map(({ text }) => text).filter((text) => !other.some((statement) => statement.text === text));
  const sql = outcome.sql ?? missingFrom(after, before);
  return { fixId, action, description, tier, proof, sql, replaced: missingFrom(before, after) };
}

/** Tells the end in `build_events`, one event for each fix and one for all. */
export async function conclude(
  connection: DirectConnection,
  options: DatabaseHealOptions,
  result: Omit<DatabaseHealResult, "durationMs">,
  startedAt: number,
): Promise<DatabaseHealResult> {
  const durationMs = performance.now() - startedAt;
  const name = options.name ?? "migration";
  for (const fix of result.fixes) {
    await recordBuildEvent(connection.rpc, {
      event_type: "schema_auto_fix",
      title: `${name}: ${fix.description}`.slice(0, 500),
      details: { action: fix.action, sql: fix.sql, replaced: fix.replaced, proof: fix.proof },
      auto_fix_id: fix.fixId,
    });
  }
  await recordBuildEvent(connection.rpc, {
    event_type: result.healed ? "auto_heal_success" : "auto_heal_failed",
    title: `${name}: ${result.reason}`.slice(0, 500),
    details: {
      fixes: result.fixes.map((fix): Json => ({ ...fix })),
      durationMs,
      ...(result.advice === undefined ? {} : { advice: { ...result.advice } }),
    },
    ...(result.fixes[0] === undefined ? {} : { auto_fix_id: result.fixes[0].fixId }),
  });
  return { ...result, durationMs };
}
