/** The function that a chaos run calls: it writes under keys, fails in the ways that functions fail, or never answers. @module */

import { readSettings } from "../../../../supabase/functions/_shared/core/settings.ts";
import { withSelfHealing } from "../../../../supabase/functions/_shared/errorInterceptor.ts";
import { createServiceRpc } from "../../../../supabase/functions/_shared/supabaseClient.ts";
import { initializeEnterpriseInfrastructure } from "../../../../supabase/functions/_shared/universalIntegrationHelper.ts";

interface Order {
  /** What is asked for. */
  what: "write" | "writeAndHang" | "report" | "partner" | "poison" | "clock";
  key: string;
  rows?: Record<string, unknown>[];
  /** Where the partner listens. */
  partner?: string;
  /** Which poison, and a text for it. */
  poison?: "null" | "undefined" | "text" | "proxy" | "reference" | "deep";
  text?: string;
  /** How far the clock of this isolate jumps. */
  jumpMs?: number;
}

const service = createServiceRpc(readSettings());
const realNow = Date.now;

async function write({ key, rows }: Order, request: Request): Promise<string[]> {
  const { resilientDb } = await initializeEnterpriseInfrastructure(request, { functionName: "chaos-call" });
  const { results } = await resilientDb.insertMany("messages", rows ?? [], { key });
  return results.map(({ status }) => status);
}

async function askPartner({ key, partner }: Order): Promise<unknown> {
  const answer = await fetch(partner!, { method: "POST", headers: { "idempotency-key": key } });
  const text = await answer.text();
  if (answer.ok) return JSON.parse(text);
  throw Object.assign(new Error(`the partner answered ${answer.status}: ${text}`), { status: answer.status });
}

function fail({ poison, text = "" }: Order): never {
  const nothing = JSON.parse("null") as { id: string };
  switch (poison) {
    case "null":
      throw null;
    case "undefined":
      throw undefined;
    case "proxy":
      throw new Proxy({}, {
        get: () => {
          throw new Error("do not touch");
        },
      });
    case "reference":
      throw new Error(nothing.id);
    case "deep":
      throw new Error("outer", { cause: new Error(text, { cause: { self: globalThis } }) });
    default:
      throw new Error(text);
  }
}

const handle = withSelfHealing(async (request: Request) => {
  const order: Order = await request.json();
  if (order.what === "report") {
    const args = { p_key: order.key, p_customer: "Zoë Ångström" };
    return Response.json({ slug: await service.call("chaos_file_report", args) });
  }
  if (order.what === "partner") return Response.json(await askPartner(order));
  if (order.what === "poison") fail(order);
  if (order.what === "clock") {
    const jumpMs = order.jumpMs ?? 0;
    Date.now = () => realNow() + jumpMs;
    return Response.json({ now: Date.now() });
  }
  const statuses = await write(order, request);
  if (order.what === "writeAndHang") await new Promise(() => {});
  return Response.json({ statuses });
}, { functionName: "chaos-call", replay: true });

Deno.serve(handle);
