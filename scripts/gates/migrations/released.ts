/** A released migration has run on somebody's database: an edit would never arrive there. @module */

import { sha256 } from "../../../supabase/functions/_shared/core/sha256.ts";
import type { GateContext } from "../../lib/gate.ts";

/** What was released, written at a release with `sha256sum supabase/migrations/*.sql`. */
export const RELEASED = "tests/golden/released-migrations.txt";

/** Finds released migrations that were edited or are gone. */
export async function findEditedReleases(context: GateContext): Promise<string[]> {
  const files = await context.files();
  if (!files.includes(RELEASED)) return [];
  const problems: string[] = [];
  for (const [index, line] of (await context.read(RELEASED)).trimEnd().split("\n").entries()) {
    const [, hash, path] = /^([0-9a-f]{64})\s+\*?(.+)$/.exec(line) ?? [];
    if (path === undefined) {
      problems.push(`${RELEASED}:${index + 1}: is not a line of sha256sum: write it anew`);
    } else if (!files.includes(path)) problems.push(`${path}: was released and is gone: put it back`);
    else if (await sha256(await context.read(path)) !== hash) {
      problems.push(`${path}: was released and then edited: restore it and add a new migration`);
    }
  }
  return problems;
}
