/** Wires the healing engine to its project and serves it. @module */

import { createAiClient, fenceUntrusted } from "../_shared/aiClient.ts";
import { createLogger } from "../_shared/core/logger.ts";
import { readSettings } from "../_shared/core/settings.ts";
import { createTestGate } from "../_shared/concernedTests.ts";
import { createDeployPort } from "../_shared/deployments.ts";
import { createInvoker } from "../_shared/functionInvoker.ts";
import { createModelProposer } from "../_shared/healingEngine.ts";
import { createNotificationChannels, readNotificationSettings } from "../_shared/notifications.ts";
import { openDirectConnection } from "../_shared/postgres.ts";
import { createDeploymentProposer } from "../_shared/releaseWatch.ts";
import { createServiceRpc } from "../_shared/supabaseClient.ts";
import { createWriteReplayer, invokeByKind } from "../_shared/writeReplayer.ts";
import { deploymentsPort } from "./cycles/deployments.ts";
import { optimisePort } from "./cycles/optimise.ts";
import { qualityPort } from "./cycles/quality.ts";
import { createHandler } from "./handler.ts";
import { createPing } from "./ping.ts";

const settings = readSettings();
const { databaseUrl } = settings;
const openDirect = databaseUrl === undefined ? undefined : () => openDirectConnection(databaseUrl);
const db = createServiceRpc(settings);
const logger = createLogger("autonomous-healing-engine");
const deploy = createDeployPort(db);
const model = createAiClient({ db, functionName: "autonomous-healing-engine" });
// Without a model nobody is asked, and nothing is said about it of each error.
const ai = model.availability().available
  ? createModelProposer({ db, model, fence: fenceUntrusted, logger })
  : undefined;

Deno.serve(createHandler({
  settings,
  db,
  openDirect,
  invoke: invokeByKind({
    invoke_function: createInvoker(settings),
    write_rows: openDirect === undefined ? undefined : createWriteReplayer(openDirect),
  }),
  tests: createTestGate(db),
  notifications: createNotificationChannels(readNotificationSettings()),
  deploy,
  deployments: deploy,
  ports: { deployments: deploymentsPort, optimise: optimisePort, quality: qualityPort },
  ping: createPing(),
  instanceId: crypto.randomUUID(),
  proposers: { ai, context: createDeploymentProposer(db) },
  logger,
}));
