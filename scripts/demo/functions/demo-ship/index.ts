/** Orders a shipment from a carrier that is sometimes too busy to answer. @module */

import { withSelfHealing } from "../../../../supabase/functions/_shared/errorInterceptor.ts";

Deno.serve(withSelfHealing(async (request) => {
  const { carrier } = await request.json();
  const answer = await fetch(carrier, {
    method: "POST",
    headers: { "idempotency-key": request.headers.get("idempotency-key")! },
  });
  if (!answer.ok) {
    throw Object.assign(new Error(`the carrier answered ${answer.status}: ${await answer.text()}`), {
      status: answer.status,
    });
  }
  return Response.json(await answer.json());
}, { functionName: "demo-ship" }));
