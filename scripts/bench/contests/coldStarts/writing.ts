/** A function that imports the write path, with all that it loads at its first write. @module */

import { createResilientDb } from "../../../../supabase/functions/_shared/resilientDbWrapper.ts";
import { createServerClient, rpcOverHttp } from "../../../../supabase/functions/_shared/supabaseClient.ts";

Deno.serve(() => {
  const db = createResilientDb(rpcOverHttp(createServerClient("http://127.0.0.1:9", "no key")));
  return new Response(typeof db.insert);
});
