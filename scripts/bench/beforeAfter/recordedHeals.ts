/** What was healed, recorded in the background as the front door does it, and waited for. @module */

import { systemClock } from "../../../supabase/functions/_shared/core/clock.ts";
import type { RpcPort } from "../../../supabase/functions/_shared/core/ports.ts";
import { recordRequestHeals, type RequestHeal } from "../../../supabase/functions/_shared/healingDb.ts";

/** An `onHealed` whose end can be waited for. */
export interface RecordedHeals {
  onHealed: (heals: readonly RequestHeal[]) => Promise<unknown>;
  /** Resolves when everything so far is recorded; rejects when something could not be. */
  settled(): Promise<void>;
}

/** Records over this connection, which has the service role. */
export function recordHeals(service: RpcPort): RecordedHeals {
  const recorded: Promise<unknown>[] = [];
  return {
    onHealed(heals) {
      const recording = recordRequestHeals(service, heals);
      recorded.push(recording);
      return recording;
    },
    async settled() {
      // What happens in the background begins in a later turn.
      await systemClock.sleep(0);
      await Promise.all(recorded.splice(0));
    },
  };
}
