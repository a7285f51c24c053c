/** The shape that every kind of fix has. @module */

import type { ActionGroup, FailedScript, Origin, Risk } from "../core/fixes.ts";
import type { Json, ReplayReport, SqlPort } from "../core/ports.ts";
import type { z } from "../core/validation.ts";

/** What a payload fix sees of the write that failed. */
export interface PayloadAccess {
  /** The row as it was sent; a fix replaces it, and never changes it in place. */
  row: Record<string, unknown>;
  /** The columns of the table. */
  columns: readonly string[];
}

/** What a fix of a migration sees of it; it replaces the script, and never changes it in place. */
export interface ScriptAccess {
  script: FailedScript;
}

/** The only way in which a fix reaches the world; what is absent, it cannot do. */
export interface FixContext {
  /** One direct transaction of the database. */
  sql?: SqlPort | undefined;
  /** The write that failed. */
  payload?: PayloadAccess | undefined;
  /** The migration that failed; the database is as it was when its failed statement began. */
  migration?: ScriptAccess | undefined;
  /** Makes the queued operations of the error again. */
  replay?: (() => Promise<ReplayReport>) | undefined;
}

/** What a probe measured, and whether it shows that the fix works. */
export interface ProbeResult {
  ok: boolean;
  /** What was looked at, one sentence. */
  measured: string;
}

/** May the fix be applied: yes, no and why, or not any more because somebody has already done it. */
export type Precondition =
  | { kind: "go" }
  | { kind: "refused"; reason: string }
  | { kind: "alreadyDone"; reason: string };

/** The fix may be applied. */
export const GO: Precondition = { kind: "go" };

/** The fix must not be applied, for this reason. */
export function refused(reason: string): Precondition {
  return { kind: "refused", reason };
}

/** All there is to know about one kind of fix. */
export interface FixActionKind<Action extends { kind: string }> {
  readonly kind: Action["kind"];
  readonly group: ActionGroup;
  /** What the fix needs of its context: `sql` runs in one transaction that can be rolled back. */
  readonly needs: "sql" | "payload" | "replay";
  /** True for a fix of the migration's own text, which leaves the database as it is. */
  readonly rewritesMigration?: boolean;
  /** Validates parameters; unknown keys are refused. */
  readonly schema: z.ZodType<Action>;
  risk(action: Action, origin: Origin): Risk;
  /** What is changed, as `kind:name`: budgets and protected areas count by it. */
  target(action: Action): string;
  /** What exactly will happen, one sentence for a person. */
  describe(action: Action): string;
  /** The statements that do the same in a migration, where a fix of the database can be written down. */
  toSql?(action: Action): string[];
  /** Whether the fix may be applied here: looked at in the dry run, and again in the transaction that applies it. */
  precondition(context: FixContext, action: Action): Promise<Precondition>;
  /** What is needed to take the fix back. */
  snapshot(context: FixContext, action: Action): Promise<Json>;
  apply(context: FixContext, action: Action): Promise<void>;
  /** What the fix changes, as it is now: two fixes that undo each other are told by it. Left out where it cannot be said. */
  state?(context: FixContext, action: Action): Promise<Json>;
  /** Looks whether the fix did what it should. */
  probe(context: FixContext, action: Action): Promise<ProbeResult>;
  /** Takes the fix back to its snapshot. */
  revert(
    context: FixContext,
    action: Action,
    rollbackPoint: Json,
  ): Promise<void>;
}

/** The SQL access of a context, or a refusal that names what is missing. */
export function sqlOf(context: FixContext): SqlPort {
  if (context.sql === undefined) {
    throw new TypeError(
      "Cannot run a database fix as the context has no direct connection",
    );
  }
  return context.sql;
}
