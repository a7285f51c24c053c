/** Sets up a new tenant in a schema of its own; nobody has made the schema. @module */

import { readSettings } from "../../../../supabase/functions/_shared/core/settings.ts";
import { withSelfHealing } from "../../../../supabase/functions/_shared/errorInterceptor.ts";
import { createServiceRpc } from "../../../../supabase/functions/_shared/supabaseClient.ts";

const db = createServiceRpc(readSettings());

Deno.serve(withSelfHealing(async (request) => {
  const { tenant } = await request.json();
  await db.call("demo_provision_tenant", { p_tenant: tenant });
  return Response.json({ ready: tenant });
}, { functionName: "demo-tenant", replay: true }));
