/** Wires the code corrector to its project and serves it. @module */

import { createAiClient } from "../_shared/aiClient.ts";
import { createCodeModel } from "../_shared/autoFixEngine.ts";
import { createLogger } from "../_shared/core/logger.ts";
import { readSettings } from "../_shared/core/settings.ts";
import { createProjectStore } from "../_shared/projectStore.ts";
import { createServiceRpc } from "../_shared/supabaseClient.ts";
import { createHandler } from "./handler.ts";

const settings = readSettings();
const db = createServiceRpc(settings);
const ai = createAiClient({ db, functionName: "autonomous-corrector" });

Deno.serve(createHandler({
  settings,
  db,
  // Without a key nobody is asked, and what no rule mends is escalated.
  model: ai.availability().available ? createCodeModel({ model: ai }) : undefined,
  store: createProjectStore(db),
  logger: createLogger("autonomous-corrector"),
}));
