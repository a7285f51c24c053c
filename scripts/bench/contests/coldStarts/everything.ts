/** A function that imports everything that heals, and asks for it. @module */

import { initializeEnterpriseInfrastructure } from "../../../../supabase/functions/_shared/universalIntegrationHelper.ts";

Deno.serve(async (request) => {
  const { resilientDb } = await initializeEnterpriseInfrastructure(request);
  return new Response(typeof resilientDb.insert);
});
