/** Wires the backend monitor to its project and serves it. @module */

import { createAiClient, fenceUntrusted } from "../_shared/aiClient.ts";
import { createLogger } from "../_shared/core/logger.ts";
import { readSettings } from "../_shared/core/settings.ts";
import { createInvoker } from "../_shared/functionInvoker.ts";
import { createModelProposer } from "../_shared/healingEngine.ts";
import { openDirectConnection } from "../_shared/postgres.ts";
import { createServiceRpc } from "../_shared/supabaseClient.ts";
import { createHandler } from "./handler.ts";

const settings = readSettings();
const { databaseUrl } = settings;
const db = createServiceRpc(settings);
const logger = createLogger("backend-self-monitor");
const ai = createAiClient({ db, functionName: "backend-self-monitor" });
const there = ai.availability();

Deno.serve(createHandler({
  settings,
  db,
  openDirect: databaseUrl === undefined ? undefined : () => openDirectConnection(databaseUrl),
  invoke: createInvoker(settings),
  model: there.available
    ? { propose: createModelProposer({ db, model: ai, fence: fenceUntrusted, logger }, { isEager: true }) }
    : { missing: `no model can be asked: ${there.reason}` },
  instanceId: crypto.randomUUID(),
  logger,
}));
