/** What keeps fixes of the database from being made without a person. @module */

import { getHealingSettings } from "../healingDb.ts";
import type { DirectConnection } from "../postgres.ts";

/** The setting that is in the way, as a sentence; undefined when none is, or nothing of ours is installed. */
export async function readRestraint(connection: DirectConnection): Promise<string | undefined> {
  const [row] = await connection.transaction((tx) =>
    tx.query<{ installed: boolean }>(
      "select to_regprocedure('public.get_healing_settings()') is not null as installed",
    )
  );
  if (!row!.installed) return undefined;
  const { enabled, dry_run: dryRun, mode_database: mode } = await getHealingSettings(connection.rpc);
  if (enabled?.wanted === false) return "enabled is false: nothing is healed";
  if (dryRun?.wanted === true) return "dry_run is true: nothing is applied";
  if (mode !== undefined && mode.wanted !== "auto") {
    return `mode_database is ${mode.wanted}: fixes are not made alone`;
  }
  return undefined;
}
