/** Looks again at what an approval would do. @module */

import { messageOf } from "../core/errors.ts";
import type { ActionDraft } from "../core/fixes.ts";
import { isPassingTrouble } from "../core/passing.ts";
import { kindOf, parseFixAction } from "../fixActions.ts";
import type { DirectConnection } from "../postgres.ts";
import { type Rehearsal, rehearseFix } from "../rollbackPoints.ts";

/**
 * What the fix would change now; null where that cannot be tried here: a call, the text of a migration (which is tried
 * where that runs again), or no direct connection. What could not be tried for want of a lock rejects, to be tried again.
 */
export async function rehearseApproval(
  draft: ActionDraft,
  direct: DirectConnection | null | undefined,
): Promise<Rehearsal | null> {
  const action = parseFixAction(draft);
  const kind = kindOf(action);
  if (kind.needs !== "sql" || kind.rewritesMigration || direct === null || direct === undefined) return null;
  try {
    return await direct.transaction((tx) => rehearseFix(tx, action), { rollback: true });
  } catch (error) {
    if (isPassingTrouble(error)) throw error;
    return { kind: "fails", measured: messageOf(error) };
  }
}
