/** Seals a report in the database; the database lacks the extension for it. @module */

import { readSettings } from "../../../../supabase/functions/_shared/core/settings.ts";
import { withSelfHealing } from "../../../../supabase/functions/_shared/errorInterceptor.ts";
import { createServiceRpc } from "../../../../supabase/functions/_shared/supabaseClient.ts";

const db = createServiceRpc(readSettings());

Deno.serve(withSelfHealing(async (request) => {
  const { customer } = await request.json();
  const key = request.headers.get("idempotency-key");
  return Response.json({ seal: await db.call("demo_seal_report", { p_key: key, p_customer: customer }) });
}, { functionName: "demo-report", replay: true }));
