/** Wires the reasoning engine to its project and serves it. @module */

import { createAiClient, fenceUntrusted } from "../_shared/aiClient.ts";
import { createLogger } from "../_shared/core/logger.ts";
import { readSettings } from "../_shared/core/settings.ts";
import { createServiceRpc } from "../_shared/supabaseClient.ts";
import { createHandler } from "./handler.ts";

const settings = readSettings();
const db = createServiceRpc(settings);

Deno.serve(createHandler({
  settings,
  db,
  model: createAiClient({ db, functionName: "advanced-reasoning-engine" }),
  fence: fenceUntrusted,
  logger: createLogger("advanced-reasoning-engine"),
}));
