/**
 * A program that logs ten entries during an outage and kills itself, without any last words, at the step that it is
 * told: `deno run dyingLogger.ts <step> <path of the spool> <database>`.
 *
 * @module
 */

import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import { FallbackLogger, type LogSink } from "../../supabase/functions/_shared/fallbackLogger.ts";
import { storeFallbackLogs } from "../../supabase/functions/_shared/healingDb.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";

/** Where it can die. */
export const STEPS = ["spooled", "beforeStore", "afterStore", "betweenBatches"] as const;

/** One of the places where it can die. */
export type Step = typeof STEPS[number];

function die(): Promise<never> {
  Deno.kill(Deno.pid, "SIGKILL");
  return new Promise(() => {});
}

async function main([step, path, database]: string[]): Promise<void> {
  let isAway = true;
  let batches = 0;
  const { rpc } = await openDirectConnection(database!);
  const sink: LogSink = {
    async store(entries) {
      if (isAway) throw new Error("the database is away");
      if (step === "beforeStore" || (step === "betweenBatches" && ++batches === 2)) await die();
      await storeFallbackLogs(rpc, entries);
      if (step === "afterStore") await die();
    },
  };
  const log = new FallbackLogger({ sink: () => Promise.resolve(sink), path: path!, console: silentLogger });
  for (let entry = 0; entry < 150; entry++) log.error(`entry ${entry}`);
  await log.settled();
  if (step === "spooled") await die();
  isAway = false;
  await log.flush();
}

if (import.meta.main) await main(Deno.args);
