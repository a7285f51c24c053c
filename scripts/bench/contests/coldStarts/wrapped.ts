/** A function that imports what heals a failing request. @module */

import { withSelfHealing } from "../../../../supabase/functions/_shared/errorInterceptor.ts";

Deno.serve(
  withSelfHealing(() => Promise.resolve(new Response("ok")), { functionName: "wrapped", replay: true }),
);
