/** The protected read of a scene, and how its answer is judged. @module */

import { isHealingError } from "../../supabase/functions/_shared/core/errors.ts";
import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import { readSettings } from "../../supabase/functions/_shared/core/settings.ts";
import { createHealingFetch, type MendedCall } from "../../supabase/functions/_shared/healingFetch.ts";
import { createClient, type SupabaseClient } from "../../supabase/functions/_shared/supabaseClient.ts";
import {
  initializeEnterpriseInfrastructure,
  type ProtectedCallOptions,
} from "../../supabase/functions/_shared/universalIntegrationHelper.ts";
import { answered, type Played, repeatsOf, type Stage } from "./restScene.ts";
import type { StandIn } from "./standIn.ts";

/** The key of the bench's clients. */
export const KEY = "sb_publishable_healbench";
/** The row that a good read gets. */
export const ROW = { id: 1 };

/** A client whose calls heal, and what was mended. */
export function healingClient(
  { url }: StandIn,
  options: { headers?: Record<string, string>; service?: RpcPort; refreshToken?: () => Promise<string> } = {},
): { client: SupabaseClient; mended: MendedCall[] } {
  const mended: MendedCall[] = [];
  const { service, refreshToken, headers } = options;
  const send = createHealingFetch({
    baseDelayMs: 1,
    onMended: (call) => mended.push(call),
    ...(service === undefined ? {} : { service: () => Promise.resolve(service) }),
    ...(refreshToken === undefined ? {} : { refreshToken }),
  });
  const client = createClient(url, KEY, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: { fetch: send, ...(headers === undefined ? {} : { headers }) },
  });
  return { client, mended };
}

/** A protected read, as an author makes it: the most that our library may ever do is done for it. */
export async function protectedRead<Result>(
  { row }: Stage,
  work: (signal: AbortSignal) => PromiseLike<Result>,
  options: ProtectedCallOptions<Result> = {},
): Promise<Result> {
  const { protectedDBCall } = await initializeEnterpriseInfrastructure(
    new Request("http://bench/healbench"),
    {
      settings: readSettings({ get: () => undefined }),
      functionName: row.id,
    },
  );
  // A target of its own: rows must not close each other's breaker.
  return await protectedDBCall(async (signal) => await work(signal), {
    name: row.id,
    effect: "read",
    ...options,
  });
}

/** Makes the read and judges its answer. */
export async function readWith(
  stage: Stage,
  standIn: StandIn,
  mended: readonly MendedCall[],
  work: () => PromiseLike<unknown>,
): Promise<Played> {
  try {
    const { data } = await protectedRead(stage, () => work()) as { data: unknown };
    const actions = [...mended.map(({ mend }) => mend), ...(standIn.repeatedRefusals > 0 ? ["retry"] : [])];
    return answered(standIn, stage, {
      isRight: JSON.stringify(data) === JSON.stringify([ROW]),
      actions,
      reason: `the author's call was answered after ${standIn.requests.length - standIn.answered} refusals`,
    });
  } catch (error) {
    return { kind: "refused", error: original(error), harm: repeatsOf(stage, standIn) };
  }
}

/** What the interface said, behind the coded error that the author gets. */
export function original(error: unknown): unknown {
  return isHealingError(error) && error.cause !== undefined ? error.cause : error;
}

/** The bare call got another answer than the row's. */
export function notShown(): Played {
  return { kind: "refused", error: new Error("the bare call is not refused as the row says"), harm: [] };
}
