/** Wires deployments to their project and serves them. @module */

import { createLogger } from "../_shared/core/logger.ts";
import { readSettings } from "../_shared/core/settings.ts";
import { createCallerRpc, createServiceRpc } from "../_shared/supabaseClient.ts";
import { createHandler } from "./handler.ts";

const settings = readSettings();

Deno.serve(createHandler({
  settings,
  db: createServiceRpc(settings),
  callerDb: (request) => createCallerRpc(settings, request),
  instanceId: crypto.randomUUID(),
  logger: createLogger("trigger-deployment"),
}));
