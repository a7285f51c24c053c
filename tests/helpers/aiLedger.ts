/** Reservations and settlements of AI calls, ready made, and connections to make them at once. @module */

import type { AiReservation, AiSettlement, RpcPort } from "../../supabase/functions/_shared/healingDb.ts";
import { openContract, setSetting } from "./contract.ts";
import type { TestDatabase } from "./database.ts";
import { waitFor } from "./waiting.ts";

/** A reservation of 1,000 tokens; what a test does not care about is filled in. */
export function reservation(changes: Partial<AiReservation> = {}): AiReservation {
  return {
    id: crypto.randomUUID(),
    model: "test-model",
    endpoint: "models.example/v1",
    purpose: "a test",
    function_name: "chat",
    fingerprint: "f",
    prompt_tokens: 600,
    completion_tokens: 400,
    ...changes,
  };
}

/** How that call ended. */
export function settlement(call: AiReservation, changes: Partial<AiSettlement> = {}): AiSettlement {
  return { ...call, outcome: "answered", is_estimate: false, duration_ms: 5, ...changes };
}

/** So many connections of their own. */
export async function connections(database: TestDatabase, count: number) {
  const contracts = await Promise.all(
    Array.from({ length: count }, () => openContract(database)),
  );
  return {
    rpcs: contracts.map(({ rpc }) => rpc),
    [Symbol.asyncDispose]: () =>
      Promise.all(contracts.map((one) => one[Symbol.asyncDispose]())).then(() => {}),
  };
}

/** Sets the limits of the day, and a price for the test's model. */
export async function limits(rpc: RpcPort, tokens: number, usd: number): Promise<void> {
  await setSetting(rpc, "ai_daily_tokens", tokens);
  await setSetting(rpc, "ai_daily_usd", usd);
  await setSetting(rpc, "ai_model_prices", { "test-model": { input: 0.15, output: 0.6 } });
}

/** A request as it was recorded. */
export interface CallRow {
  outcome: string;
  model: string;
  prompt_tokens: number;
  completion_tokens: number;
  is_estimate: boolean;
  error_type: string | null;
}

/** The calls in their order, once none is open any more. */
export async function settledCalls(database: TestDatabase, count: number): Promise<CallRow[]> {
  let rows: CallRow[] = [];
  await waitFor(`${count} settled calls`, async () => {
    rows = await database.query<CallRow>(
      `select outcome, model, prompt_tokens::int, completion_tokens::int, is_estimate, error_type
       from healing_private.ai_calls order by created_at`,
    );
    return rows.length === count && rows.every(({ outcome }) => outcome !== "pending");
  });
  return rows;
}
