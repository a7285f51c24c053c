/**
 * The state of one breaker and every way to change it. It calls nobody but the announcer: what a change means for
 * the calls and for the fleet is the door's business.
 *
 * @module
 */

import type { Announcer } from "./announcer.ts";
import type { BreakerSettings } from "./options.ts";
import {
  type BreakerScope,
  type BreakerState,
  type CircuitBreakerSnapshot,
  type ClosedState,
  type HalfOpenState,
  type OpenState,
  snapshotOf,
} from "./state.ts";
import type { BreakerMode, BreakerView, ProbeClaim, ProbeOutcome } from "./store.ts";
import { createTally } from "./tally.ts";

/** Counts the openings of an isolate, for groups. */
let turns = 0;

/** The states of one breaker. */
export class BreakerMachine {
  #state: BreakerState;
  #mode: BreakerMode;
  /** What the store says of the group; undefined while it has said nothing. */
  #isLastOfFleet: boolean | undefined;

  constructor(
    private readonly settings: BreakerSettings,
    private readonly announcer: Announcer,
    saved: CircuitBreakerSnapshot | undefined,
  ) {
    this.#mode = settings.mode;
    this.#state = this.#mode === "auto" ? this.#resume(saved) : { kind: this.#mode, by: "options" };
    settings.group?.add(this);
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Saves the state. */
  toJSON(): CircuitBreakerSnapshot {
    return snapshotOf(this.#state, this.#now());
  }

  /** Whether this isolate's own evidence says that the target is down. */
  votesOpen(): boolean {
    const { kind } = this.#state;
    return (kind === "open" || kind === "halfOpen") && this.#state.scope === "isolate";
  }

  /** Whether its target is the last of its group, so that calls go through although it is open. */
  isLast(): boolean {
    if (this.settings.group === undefined) return false;
    const isLastHere = this.settings.group.isLast(this);
    if (isLastHere === undefined) return this.#isLastOfFleet ?? true;
    return isLastHere || this.#isLastOfFleet === true;
  }

  /** Until the next probe. */
  retryAfterMs(): number {
    return this.#state.kind === "open" ? Math.max(0, this.#state.retryAt - this.#now()) : 0;
  }

  /** Opens by the evidence of this isolate. */
  openAlone(reason: string): void {
    const { cooldownMs } = this.settings;
    this.#enterOpen({ scope: "isolate", reason, retryAt: this.#now() + cooldownMs, turn: ++turns });
  }

  /** Lets one call try. */
  halfOpen({ reason, turn }: OpenState, claim: ProbeClaim | undefined): HalfOpenState {
    const scope = claim === undefined ? "isolate" : "fleet";
    const state: HalfOpenState = { kind: "halfOpen", scope, turn, reason, claim };
    this.#state = state;
    this.announcer.tell({ kind: "halfOpened", scope });
    return state;
  }

  /** What the probe showed; false when its state is over and the result comes too late. */
  endProbe(state: HalfOpenState, outcome: ProbeOutcome): boolean {
    if (this.#state !== state) return false;
    const { scope, reason, turn } = state;
    if (outcome === "succeeded") this.#close(scope);
    else {
      const waitMs = outcome === "failed" ? this.settings.cooldownMs : 0;
      this.#enterOpen({ scope, reason, retryAt: this.#now() + waitMs, turn });
    }
    return true;
  }

  /** Forces it open, switches it off, or gives it back to the evidence. */
  setMode(mode: BreakerMode): void {
    this.#mode = mode;
    if (mode === "auto") this.#close("isolate");
    else this.#enterManual(mode, "options");
  }

  /** Takes over what the fleet knows; `isNewer` when that has changed since the last time. */
  adopt(view: BreakerView, isNewer: boolean): void {
    this.#isLastOfFleet = view.isLast;
    if (this.#mode !== "auto") return;
    if (view.mode !== "auto") this.#enterManual(view.mode, "fleet");
    else if (view.state !== "closed") this.#openByFleet(view);
    else if (isNewer || !this.#isOwnOpinion()) this.#close("fleet");
  }

  #resume(saved: CircuitBreakerSnapshot | undefined): BreakerState {
    if (saved?.state !== "open") return this.#closed(saved);
    const { scope, reason } = saved;
    const remainingMs = Math.min(saved.remainingMs, this.settings.cooldownMs);
    return { kind: "open", scope, reason, retryAt: this.#now() + remainingMs, turn: ++turns };
  }

  #closed(saved?: CircuitBreakerSnapshot): ClosedState {
    return { kind: "closed", tally: createTally(this.settings, this.settings.clock, saved?.tally) };
  }

  /** The fleet being closed says nothing against what only this isolate sees. */
  #isOwnOpinion(): boolean {
    return this.#state.kind === "closed" || this.votesOpen();
  }

  #openByFleet(view: BreakerView): void {
    const now = this.#state;
    const isOwnProbe = now.kind === "halfOpen" && now.claim?.view.version === view.version;
    if (isOwnProbe) return;
    const wasOpen = now.kind === "open" || now.kind === "halfOpen";
    const { reason, turn } = wasOpen ? now : { reason: "other isolates found it down", turn: ++turns };
    const retryAt = this.#now() + view.remainingMs;
    this.#enterOpen({ scope: "fleet", reason, retryAt, turn });
  }

  #enterOpen(open: Omit<OpenState, "kind">): void {
    const before = this.#state;
    this.#state = { kind: "open", ...open };
    // The fleet's news about a breaker that it holds open already only moves the time of the next probe.
    if (before.kind === "open" && before.scope === open.scope) return;
    const { scope, reason } = open;
    this.announcer.tell({ kind: "opened", scope, reason, retryAfterMs: this.retryAfterMs() });
  }

  #enterManual(mode: "forcedOpen" | "disabled", by: "options" | "fleet"): void {
    if (this.#state.kind === mode) return;
    this.#state = { kind: mode, by };
    this.announcer.tell({ kind: mode });
  }

  #close(scope: BreakerScope): void {
    if (this.#state.kind === "closed") return;
    this.#state = this.#closed();
    this.announcer.tell({ kind: "closed", scope });
  }

  #now(): number {
    return this.settings.clock.monotonic();
  }
}
