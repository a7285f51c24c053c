/** Wires the code corrector to its project and serves it. @module */

import { createLogger } from "../_shared/core/logger.ts";
import { readSettings } from "../_shared/core/settings.ts";
import { createServiceRpc } from "../_shared/supabaseClient.ts";
import { createHandler } from "./handler.ts";

const settings = readSettings();

Deno.serve(createHandler({
  settings,
  db: createServiceRpc(settings),
  logger: createLogger("autonomous-corrector"),
}));
