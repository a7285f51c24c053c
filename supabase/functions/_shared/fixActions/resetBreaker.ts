/**
 * `reset_breaker`: closes a breaker that stays open although its time is long over and nobody asks its target.
 *
 * A breaker finds out by itself whether its target works: one call goes through after each cooldown. What it cannot
 * find out without calls is that they may go through again; a reset allows them, and the next failures open it again.
 *
 * @module
 */

import type { SqlPort } from "../core/ports.ts";
import { z } from "../core/validation.ts";
import { type FixActionKind, GO, refused, sqlOf } from "./kind.ts";

const schema = z.strictObject({ kind: z.literal("reset_breaker"), breaker: z.string().min(1).max(200) });

/** Parameters of `reset_breaker`. */
export type ResetBreaker = z.infer<typeof schema>;

interface Breaker {
  state: "closed" | "open" | "half_open";
  mode: string;
  version: string;
  evidence: string;
  /** A probe has been due for a whole cooldown, and none was made. */
  is_stuck: boolean;
}

const BREAKER = `
  select state, mode, version::text, evidence::text,
    coalesce(probe_after, probe_lease_expires_at, 'infinity') + make_interval(secs => cooldown_ms / 1000.0) < clock_timestamp() as is_stuck
  from public.circuit_breakers where name = $1`;

const REOPEN = `
  select healing_private.move_breaker(b, 'open', 'its reset was taken back', clock_timestamp(), $3::jsonb)
  from public.circuit_breakers as b where b.name = $1 and b.state = 'closed' and b.version = $2::bigint + 1`;

/** The kind `reset_breaker`. */
export const resetBreaker: FixActionKind<ResetBreaker> = {
  kind: "reset_breaker",
  group: "runtime",
  needs: "sql",
  schema,
  risk: () => "low",
  target: ({ breaker }) => `breaker:${breaker}`,
  describe: ({ breaker }) => `close the breaker of ${breaker}, which no call has probed since its cooldown`,
  async precondition(context, { breaker }) {
    const found = await breakerOf(sqlOf(context), breaker);
    if (found === undefined) return refused(`there is no breaker ${breaker}`);
    if (found.mode !== "auto") return refused(`a person has set the breaker of ${breaker} to ${found.mode}`);
    if (found.state === "closed") {
      return { kind: "alreadyDone", reason: `the breaker of ${breaker} is closed` };
    }
    return found.is_stuck
      ? GO
      : refused(`the breaker of ${breaker} probes its target by itself; its time is not long over`);
  },
  async snapshot(context, { breaker }) {
    const { state, version, evidence } = (await breakerOf(sqlOf(context), breaker))!;
    return { state, version, evidence };
  },
  async apply(context, { breaker }) {
    await sqlOf(context).query("select public.reset_circuit_breaker($1, $2)", [
      breaker,
      "no call had probed its target since the cooldown",
    ]);
  },
  state: async (context, { breaker }) => ({
    state: (await breakerOf(sqlOf(context), breaker))?.state ?? null,
  }),
  async probe(context, { breaker }) {
    const state = (await breakerOf(sqlOf(context), breaker))?.state ?? "gone";
    return { ok: state === "closed", measured: `the breaker of ${breaker} is ${state}` };
  },
  async revert(context, { breaker }, rollbackPoint) {
    const { version, evidence } = rollbackPoint as { version: string; evidence: string };
    // Whatever has moved it since knows better.
    await sqlOf(context).query(REOPEN, [breaker, version, evidence]);
  },
};

async function breakerOf(sql: SqlPort, name: string): Promise<Breaker | undefined> {
  return (await sql.query<Breaker>(BREAKER, [name]))[0];
}
