/** Wires the health checks to their project and serves them. @module */

import { createLogger } from "../_shared/core/logger.ts";
import { readSettings } from "../_shared/core/settings.ts";
import { readHealthSettings, standardHealthChecks } from "../_shared/healthMonitor.ts";
import { createServiceRpc } from "../_shared/supabaseClient.ts";
import { createHandler } from "./handler.ts";

const settings = readSettings();
const db = createServiceRpc(settings);

Deno.serve(createHandler({
  settings,
  db,
  checks: standardHealthChecks({ settings: readHealthSettings(), db }),
  instanceId: crypto.randomUUID(),
  logger: createLogger("health-check"),
}));
