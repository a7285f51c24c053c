/** The states of a breaker, and what of them can be saved. @module */

import type { ProbeClaim } from "./store.ts";
import type { Tally, TallySnapshot } from "./tally.ts";

/** Whose evidence counts: this isolate's, or that of the whole fleet. */
export type BreakerScope = "isolate" | "fleet";

/** Calls go through and are counted. */
export interface ClosedState {
  readonly kind: "closed";
  readonly tally: Tally;
}

/** Calls are refused until the cooldown is over. */
export interface OpenState {
  readonly kind: "open";
  readonly scope: BreakerScope;
  /** On the monotonic clock. */
  readonly retryAt: number;
  readonly reason: string;
  /** Which opening it is, over all breakers of the isolate: in a group the last one to open is spared. */
  readonly turn: number;
}

/** One call tries. */
export interface HalfOpenState {
  readonly kind: "halfOpen";
  readonly scope: BreakerScope;
  readonly turn: number;
  /** The opening that it came from. */
  readonly reason: string;
  /** The fleet's probe; undefined for one of this isolate alone. */
  readonly claim: ProbeClaim | undefined;
}

/** A person decided: in the options, or for the fleet. */
export interface ManualState {
  readonly kind: "forcedOpen" | "disabled";
  readonly by: "options" | "fleet";
}

/** The state of a breaker. A result that comes late compares the state it started in with the present one. */
export type BreakerState = ClosedState | OpenState | HalfOpenState | ManualState;

/** What `toJSON()` gives: durations instead of times, so that another isolate's clock cannot matter. */
export interface CircuitBreakerSnapshot {
  state: "closed" | "open" | "forcedOpen" | "disabled";
  scope: BreakerScope;
  reason: string;
  /** Until a probe, from the moment of the snapshot on. */
  remainingMs: number;
  tally: TallySnapshot;
}

const EMPTY_TALLY: TallySnapshot = { failuresInRow: 0, calls: 0, failures: 0, slow: 0 };

/** Saves a state; a probe in flight is saved as an open breaker that may probe at once. */
export function snapshotOf(state: BreakerState, now: number): CircuitBreakerSnapshot {
  const base = { scope: "isolate" as const, reason: "", remainingMs: 0, tally: EMPTY_TALLY };
  switch (state.kind) {
    case "closed":
      return { ...base, state: "closed", tally: state.tally.toJSON() };
    case "open": {
      const remainingMs = Math.max(0, state.retryAt - now);
      return { ...base, state: "open", scope: state.scope, reason: state.reason, remainingMs };
    }
    case "halfOpen":
      return { ...base, state: "open", scope: state.scope, reason: state.reason };
    default:
      return { ...base, state: state.kind };
  }
}
