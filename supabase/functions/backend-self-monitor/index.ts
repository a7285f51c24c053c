/** Wires the backend monitor to its project and serves it. @module */

import { createLogger } from "../_shared/core/logger.ts";
import { readSettings } from "../_shared/core/settings.ts";
import { createInvoker } from "../_shared/functionInvoker.ts";
import { openDirectConnection } from "../_shared/postgres.ts";
import { createServiceRpc } from "../_shared/supabaseClient.ts";
import { createHandler } from "./handler.ts";

const settings = readSettings();
const { databaseUrl } = settings;

Deno.serve(createHandler({
  settings,
  db: createServiceRpc(settings),
  openDirect: databaseUrl === undefined ? undefined : () => openDirectConnection(databaseUrl),
  invoke: createInvoker(settings),
  instanceId: crypto.randomUUID(),
  logger: createLogger("backend-self-monitor"),
}));
