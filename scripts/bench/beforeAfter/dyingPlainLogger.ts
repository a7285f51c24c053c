/**
 * A program that logs during an outage as plain code does, by an insert for each entry, and kills itself without any last
 * words: `deno run dyingPlainLogger.ts <url> <key> <entries>`.
 *
 * @module
 */

import { createServerClient } from "../../../supabase/functions/_shared/supabaseClient.ts";
import { plainInsert } from "./place.ts";

if (import.meta.main) {
  const [url, key, entries] = Deno.args;
  const client = createServerClient(url!, key!);
  for (let entry = 0; entry < Number(entries); entry++) {
    await plainInsert(client, "app_logs", [{ message: `killed ${entry}` }]).catch(() => {});
  }
  Deno.kill(Deno.pid, "SIGKILL");
}
