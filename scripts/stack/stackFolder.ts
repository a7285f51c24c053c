/** The folder that holds a stack's database and keys. @module */

import { dirname } from "node:path";
import { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { canReach, diskError, postgresUser } from "./runAs.ts";

/** Makes the folder when it is missing; whoever runs Postgres must be able to enter it. */
export async function prepareStackFolder(dataDir: string): Promise<void> {
  const runAs = postgresUser();
  // Asked of the parent first, so that nothing is made where it would be of no use.
  if (!await canReach(dirname(dataDir), runAs)) throw unreachable(dataDir);
  try {
    await Deno.mkdir(dataDir, { recursive: true });
    // Another user runs Postgres below it: that user may pass through, and sees nothing of ours.
    if (runAs !== undefined) await Deno.chmod(dataDir, 0o711);
  } catch (error) {
    throw diskError(dataDir, error);
  }
  if (!await canReach(dataDir, runAs)) throw unreachable(dataDir);
}

function unreachable(dataDir: string): HealingError {
  return new HealingError("FORBIDDEN", `The user that runs Postgres for root cannot enter ${dataDir}.`, {
    hint:
      "Choose a data folder that every user can reach, for example below /var/tmp, or do not run as root.",
    details: { problem: "disk_refused", dataDir },
  });
}
