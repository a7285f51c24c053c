/** The adapter of opossum, a circuit breaker that ours is measured against: only benches use it. @module */

import CircuitBreaker from "npm:opossum@10.0.0";

/** A closed breaker around one function. */
export interface Opossum {
  /** Calls the function through the breaker. */
  fire(): Promise<unknown>;
  /** Ends its timers. */
  shutdown(): void;
}

/** Puts a breaker around the function; without a time limit, which would cost a timer a call and which ours has not. */
export function openOpossum(action: () => Promise<unknown>): Opossum {
  return new CircuitBreaker(action, { timeout: false, resetTimeout: 60_000 }) as Opossum;
}
