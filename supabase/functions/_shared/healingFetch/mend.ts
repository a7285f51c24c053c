/** The shape of a mend, and what mends work with. @module */

import type { Clock } from "../core/clock.ts";
import type { RpcPort } from "../core/ports.ts";
import type { Random } from "../core/random.ts";
import type { FailedCall } from "./failedCall.ts";
import type { Memory } from "./memory.ts";

/** A call that was mended: what was done, and no word of what it carried. */
export interface MendedCall {
  /** The mend's stable name. */
  mend: string;
  method: string;
  path: string;
}

/** What a healing fetch may use. */
export interface HealingFetchOptions {
  /** Sends a request; `fetch` when left out. */
  send?: typeof fetch;
  /** Our SQL functions with the service role, to look into the catalogue; without it nobody looks. */
  service?: () => Promise<RpcPort>;
  /**
   * A new access token for the same person when the present one has run out, or null. Asked once for all calls that wait,
   * and once for each token.
   */
  refreshToken?: () => Promise<string | null>;
  /** Told of each call that was mended. */
  onMended?: (mended: MendedCall) => void;
  /** The first pause before a call is sent again, in milliseconds; it grows with each. 300. */
  baseDelayMs?: number;
  clock?: Clock;
  random?: Random;
}

/** What a mend works with. */
export interface MendContext extends HealingFetchOptions {
  send: typeof fetch;
  baseDelayMs: number;
  clock: Clock;
  random: Random;
  /** What has been tried in vain. */
  memory: Memory;
}

/** The answer to a mended call, good or bad, and what was done for it where that is not the mend's own name. */
export type Mended = Response | { answer: Response; by: string };

/** One mend; it keeps nothing between calls. */
export interface Mend {
  /** Stable name. */
  readonly key: string;
  /** True when this failure is one of its own. */
  fits(failed: FailedCall, context: MendContext): boolean;
  /** Null when there was nothing to send. */
  mend(failed: FailedCall, context: MendContext): Promise<Mended | null>;
}

/** How long to wait before a repetition, from 1. */
export function pauseBefore(repetition: number, { baseDelayMs, random }: MendContext): number {
  return baseDelayMs * 4 ** (repetition - 1) * (0.5 + random.next() / 2);
}
