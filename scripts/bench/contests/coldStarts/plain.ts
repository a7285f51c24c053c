/** A function that imports what most do, the client of Supabase, by the library's adapter of it. @module */

import { createServerClient } from "../../../../supabase/functions/_shared/supabaseClient.ts";

Deno.serve(() => new Response(typeof createServerClient));
