/** Files a report under a plain name; the database lacks the extension that makes names plain. @module */

import { readSettings } from "../../../../supabase/functions/_shared/core/settings.ts";
import { withSelfHealing } from "../../../../supabase/functions/_shared/errorInterceptor.ts";
import { createServiceRpc } from "../../../../supabase/functions/_shared/supabaseClient.ts";

const db = createServiceRpc(readSettings());

Deno.serve(withSelfHealing(async (request) => {
  const { customer } = await request.json();
  const key = request.headers.get("idempotency-key");
  return Response.json({ slug: await db.call("demo_file_report", { p_key: key, p_customer: customer }) });
}, { functionName: "demo-report", replay: true }));
