/** Stores a chat message as the caller, under names that the table does not have. @module */

import { readSettings } from "../../../../supabase/functions/_shared/core/settings.ts";
import { withSelfHealing } from "../../../../supabase/functions/_shared/errorInterceptor.ts";
import { recordRequestHeals } from "../../../../supabase/functions/_shared/healingDb.ts";
import { createResilientDb } from "../../../../supabase/functions/_shared/resilientDbWrapper.ts";
import {
  createServerClient,
  createServiceRpc,
  rpcOverHttp,
} from "../../../../supabase/functions/_shared/supabaseClient.ts";

const settings = readSettings();
const asCaller = rpcOverHttp(createServerClient(settings.url!, settings.publishableKey!));
const db = createResilientDb(asCaller, {
  functionName: "demo-chat",
  onHealed: (heals) => recordRequestHeals(createServiceRpc(settings), heals),
});

Deno.serve(withSelfHealing(async (request) => {
  const { sender, message } = await request.json();
  return Response.json(await db.insert("messages", { sender, message }));
}, { functionName: "demo-chat" }));
