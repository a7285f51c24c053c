/** A process with an engine that hangs in the middle of its work, to be killed there: DATABASE_URL is its argument. @module */

import { createHealingEngine } from "../../supabase/functions/_shared/healingEngine.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";

const [url] = Deno.args;
const connection = await openDirectConnection(url!);
const engine = createHealingEngine({
  db: connection.rpc,
  openDirect: () => openDirectConnection(url!),
  worker: "killed",
  leaseSeconds: 2,
  // The operation never ends; a timer keeps the process from ending by itself.
  invoke: () => new Promise((resolve) => setTimeout(() => resolve({ status: 500, body: "" }), 600_000)),
});
await engine.detectAndHeal();
