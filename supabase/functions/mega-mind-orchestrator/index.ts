/** Wires the function to its project and serves it. @module */

import { createAiClient, fenceUntrusted } from "../_shared/aiClient.ts";
import { createCodeModel } from "../_shared/autoFixEngine.ts";
import { createLogger } from "../_shared/core/logger.ts";
import { readSettings } from "../_shared/core/settings.ts";
import { createServiceRpc } from "../_shared/supabaseClient.ts";
import { wallClock } from "../_shared/timeout.ts";
import { createHandler } from "./handler.ts";

const settings = readSettings();
const db = createServiceRpc(settings);
// The shortest life of a worker on the platform.
const remainingMs = wallClock(150_000);
const model = createAiClient({
  db,
  functionName: "mega-mind-orchestrator",
  attemptTimeoutMs: 90_000,
  remainingMs,
});

Deno.serve(createHandler({
  settings,
  db,
  model,
  // Without a key nobody is asked about code either.
  codeModel: model.availability().available ? createCodeModel({ model, timeoutMs: 30_000 }) : undefined,
  fence: fenceUntrusted,
  instanceId: crypto.randomUUID(),
  logger: createLogger("mega-mind-orchestrator"),
  remainingMs,
}));
