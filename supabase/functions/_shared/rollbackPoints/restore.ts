/** Takes an applied fix back to its rollback point, if nobody has changed the same things since. @module */

import { HealingError } from "../core/errors.ts";
import type { ActionDraft } from "../core/fixes.ts";
import type { Json, SqlPort } from "../core/ports.ts";
import { kindOf, parseFixAction } from "../fixActions.ts";
import { describeNamed, type ObjectClass } from "./catalogue.ts";
import { type FixChanges, type ObjectChange, standsAsLeft } from "./changes.ts";
import { underEmptyPath } from "./rehearse.ts";

/** An applied fix, as far as it is needed to take it back. */
export interface RollbackPoint {
  action: ActionDraft;
  rollback_point: Json;
  /** What it changed; null for fixes that could not say. */
  preview: FixChanges | null;
}

/** The objects of a fix that do not stand as it left them any more, one sentence; null when all do. */
export async function laterChange(sql: SqlPort, changes: FixChanges | null): Promise<string | null> {
  const objects = (changes?.objects ?? []).filter(isOfCatalogue);
  if (objects.length === 0) return null;
  return await underEmptyPath(sql, async () => {
    for (const change of objects) {
      if (await standsAsLeft(change, await describeNamed(sql, change))) continue;
      return `${change.class} ${change.name} has been changed since the fix: it is not as the fix left it`;
    }
    return null;
  });
}

function isOfCatalogue(change: ObjectChange): change is ObjectChange & { class: ObjectClass } {
  return change.class !== "migration" && change.class !== "payload";
}

/**
 * Takes a fix back inside the caller's transaction; throws `CONFLICT` when somebody has changed the same object since,
 * because its old state would take that change with it.
 */
export async function restorePoint(sql: SqlPort, fix: RollbackPoint): Promise<void> {
  const action = parseFixAction(fix.action);
  const later = await laterChange(sql, fix.preview);
  if (later !== null) {
    throw new HealingError("CONFLICT", later, {
      hint: "Look at what was changed, and change it back by hand if it is to go",
    });
  }
  await kindOf(action).revert({ sql }, action, fix.rollback_point);
}
