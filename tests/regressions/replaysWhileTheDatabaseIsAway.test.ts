import assert from "node:assert/strict";
import { initializeEnterpriseInfrastructure } from "../../supabase/functions/_shared/universalIntegrationHelper.ts";
import { freePort } from "../../scripts/stack/postgres.ts";

// Found by `deno task chaos`: the row waited in the memory of the isolate, the function answered 200, the engine took the
// call for made, and a kill of the isolate lost the row.
Deno.test("initializeEnterpriseInfrastructure() lets no row of a call that is made again wait in memory", async () => {
  const url = `http://127.0.0.1:${freePort()}`;
  const request = new Request(`${url}/functions/v1/orders`, {
    headers: { "x-healing-replay": crypto.randomUUID(), "idempotency-key": "order-1" },
  });
  const { resilientDb } = await initializeEnterpriseInfrastructure(request, {
    functionName: "orders",
    settings: { url, publishableKey: "public-key", secretKeys: [], machineKeys: [], databaseUrl: undefined },
  });
  const rows = [{ key: "order-1", content: "tea" }];
  await assert.rejects(resilientDb.insertMany("messages", rows, { key: "order-1" }), { code: "UNAVAILABLE" });
});
