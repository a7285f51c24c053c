/**
 * Stops calling a target that is down, and lets one call try now and then whether it is back.
 *
 * A breaker is closed (calls go through and are counted), open (calls are refused at once) or half open (one call
 * tries). It decides by the evidence of its own isolate. With a name and a `BreakerStore` it also shares that
 * evidence: when enough isolates agree it opens for all of them, and after the cooldown one probe goes through for
 * the whole fleet. Nothing of that waits on a call's path, but for the call that would be refused anyway and asks
 * whether it may be the probe. Without an answer of the store a breaker goes on by its own evidence.
 *
 * @module
 */

import { Announcer } from "./circuitBreaker/announcer.ts";
import { bounded } from "./circuitBreaker/bounded.ts";
import { CalmSignal } from "./circuitBreaker/calmSignal.ts";
import { codeOf } from "./circuitBreaker/faults.ts";
import { FleetLink } from "./circuitBreaker/fleetLink.ts";
import { BreakerMachine } from "./circuitBreaker/machine.ts";
import {
  type BreakerSettings,
  checkName,
  type CircuitBreakerOptions,
  readOptions,
} from "./circuitBreaker/options.ts";
import { CircuitOpenError } from "./circuitBreaker/refusal.ts";
import type {
  BreakerState,
  CircuitBreakerSnapshot,
  ClosedState,
  HalfOpenState,
  OpenState,
} from "./circuitBreaker/state.ts";
import type { BreakerMode, BreakerView, ProbeClaim, ProbeOutcome } from "./circuitBreaker/store.ts";
import { HealingError } from "./core/errors.ts";

export type { BreakerAlert, BreakerEvent } from "./circuitBreaker/announcer.ts";
export { BreakerGroup } from "./circuitBreaker/group.ts";
export type { CircuitBreakerOptions } from "./circuitBreaker/options.ts";
export { CircuitOpenError, isCircuitOpenError } from "./circuitBreaker/refusal.ts";
export type { BreakerScope, CircuitBreakerSnapshot } from "./circuitBreaker/state.ts";
export type {
  BreakerMode,
  BreakerReport,
  BreakerStore,
  BreakerView,
  ProbeClaim,
  ProbeOutcome,
} from "./circuitBreaker/store.ts";

/** A call to protect; its signal is aborted when its caller stops, or when it is a probe that takes too long. */
export type ProtectedWork<Result> = (signal: AbortSignal) => Promise<Result> | Result;

/** What a single call may bring along. */
export interface ExecuteOptions {
  /** The caller's own signal; a call that it ends says nothing about the target. */
  signal?: AbortSignal;
}

const NO_OPTIONS: ExecuteOptions = {};

/**
 * A breaker around the calls to one target. Keep it for the life of the isolate.
 *
 * @example
 * ```ts
 * import { CircuitBreaker, isCircuitOpenError } from "./circuitBreaker.ts";
 *
 * const breaker = new CircuitBreaker(undefined, { failureThreshold: 1 });
 * await breaker.execute(() => Promise.reject(new Error("down"))).catch(() => {});
 * const refused = await breaker.execute(() => "up").catch(isCircuitOpenError);
 * if (refused !== true || breaker.state !== "open") throw new Error("unexpected");
 * ```
 */
export class CircuitBreaker {
  readonly #settings: BreakerSettings;
  readonly #announcer: Announcer;
  readonly #machine: BreakerMachine;
  readonly #fleet: FleetLink | undefined;
  readonly #isTimed: boolean;
  readonly #calm = new CalmSignal();
  #isClaiming = false;
  #isStoreLost = false;

  /** Throws a `RangeError` for an option that makes no sense. Without a name it is local, whatever the store. */
  constructor(readonly name: string | undefined, options: CircuitBreakerOptions = {}) {
    checkName(name);
    this.#settings = readOptions(options);
    this.#isTimed = this.#settings.slowCallRatio !== undefined;
    this.#announcer = new Announcer(name, options.onEvent, options.alert);
    this.#machine = new BreakerMachine(this.#settings, this.#announcer, options.initialState);
    if (name === undefined || options.store === undefined) return;
    this.#fleet = new FleetLink(name, options.store, this.#settings, {
      votesOpen: () => this.#machine.votesOpen(),
      adopt: (view, isNewer) => this.#machine.adopt(view, isNewer),
      answered: (view) => this.#answered(view),
      lost: (error) => this.#lost(error),
    });
  }

  /** Which state it is in. */
  get state(): BreakerState["kind"] {
    return this.#machine.state.kind;
  }

  /** Calls the target, or throws a {@link CircuitOpenError} without calling it. */
  async execute<Result>(work: ProtectedWork<Result>, options: ExecuteOptions = NO_OPTIONS): Promise<Result> {
    this.#fleet?.tick();
    const { state } = this.#machine;
    if (state.kind !== "closed") return await this.#executeGuarded(work, options.signal);
    const startedAt = this.#isTimed ? this.#settings.clock.monotonic() : 0;
    let result: Result;
    try {
      result = await work(options.signal ?? this.#calm.next());
    } catch (error) {
      this.#noteFailure(state, error, startedAt, options.signal);
      throw error;
    }
    this.#noteSuccess(state, startedAt);
    return result;
  }

  /** Forces it open, switches it off, or gives it back to the evidence, which starts anew. */
  setMode(mode: BreakerMode): void {
    readOptions({ mode });
    this.#machine.setMode(mode);
  }

  /** What another breaker can start from, as `initialState`. */
  toJSON(): CircuitBreakerSnapshot {
    return this.#machine.toJSON();
  }

  #noteSuccess(state: ClosedState, startedAt: number): void {
    if (this.#machine.state !== state) return;
    const reason = state.tally.succeed(this.#durationSince(startedAt));
    if (reason !== undefined) this.#open(reason);
  }

  #noteFailure(state: ClosedState, error: unknown, startedAt: number, signal: AbortSignal | undefined): void {
    if (this.#machine.state !== state || !this.#isFailure(error, signal)) return;
    const reason = state.tally.fail(this.#durationSince(startedAt));
    this.#fleet?.noteFailure(codeOf(error));
    if (reason === undefined) this.#fleet?.tick();
    else this.#open(reason);
  }

  /** How long a call took matters only where slow ones do. */
  #durationSince(startedAt: number): number {
    return this.#isTimed ? this.#settings.clock.monotonic() - startedAt : 0;
  }

  #isFailure(error: unknown, signal: AbortSignal | undefined): boolean {
    if (signal?.aborted) return false;
    try {
      return this.#settings.countsAsFailure(error);
    } catch {
      return true;
    }
  }

  #open(reason: string): void {
    this.#machine.openAlone(reason);
    if (this.#fleet === undefined) this.#announcer.alert("isolate", reason);
    else this.#fleet.sync();
  }

  async #executeGuarded<Result>(
    work: ProtectedWork<Result>,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    const { state } = this.#machine;
    if (state.kind === "disabled") return await work(signal ?? this.#calm.next());
    const isDue = state.kind === "open" && !this.#isClaiming && this.#machine.retryAfterMs() === 0;
    return isDue ? await this.#tryProbe(work, signal, state) : await this.#refuse(work, signal);
  }

  /** The last target of a group is called all the same: a poor one is better than none. */
  async #refuse<Result>(work: ProtectedWork<Result>, signal: AbortSignal | undefined): Promise<Result> {
    const isForced = this.state === "forcedOpen";
    if (!isForced && this.#machine.isLast()) return await work(signal ?? this.#calm.next());
    const retryAfterMs = isForced ? undefined : this.#machine.retryAfterMs();
    this.#announcer.tell({ kind: "refused", retryAfterMs: retryAfterMs ?? 0 });
    const why = isForced ? "forced open" : this.state === "halfOpen" ? "waiting for a probe" : "open";
    throw new CircuitOpenError(this.name, why, retryAfterMs);
  }

  async #tryProbe<Result>(
    work: ProtectedWork<Result>,
    signal: AbortSignal | undefined,
    opened: OpenState,
  ): Promise<Result> {
    if (this.#fleet === undefined) return await this.#probe(work, signal, opened, undefined);
    this.#isClaiming = true;
    const claim = await this.#fleet.claim();
    this.#isClaiming = false;
    // Whatever was decided while the answer was on its way stands.
    const { state } = this.#machine;
    if (state.kind !== "open") {
      if (claim?.granted) this.#fleet.finish(claim, "abandoned");
      return state.kind === "closed"
        ? await this.execute(work, signal === undefined ? NO_OPTIONS : { signal })
        : await this.#refuse(work, signal);
    }
    if (claim?.granted) return await this.#probe(work, signal, state, claim);
    // The store is lost, or the fleet is closed and only this isolate was open.
    const isAlone = claim === undefined || state.scope === "isolate";
    return isAlone ? await this.#probe(work, signal, state, undefined) : await this.#refuse(work, signal);
  }

  async #probe<Result>(
    work: ProtectedWork<Result>,
    signal: AbortSignal | undefined,
    opened: OpenState,
    claim: ProbeClaim | undefined,
  ): Promise<Result> {
    const { clock, halfOpenTimeoutMs } = this.#settings;
    const state = this.#machine.halfOpen(opened, claim);
    const late = () => new HealingError("TIMEOUT", `The probe did not end within ${halfOpenTimeoutMs} ms`);
    try {
      const result = await bounded(work, halfOpenTimeoutMs, late, { clock, signal });
      this.#endProbe(state, "succeeded");
      return result;
    } catch (error) {
      // An answer that is not the target's fault shows that the target is up.
      const outcome = this.#isFailure(error, signal) ? "failed" : signal?.aborted ? "abandoned" : "succeeded";
      this.#endProbe(state, outcome);
      throw error;
    }
  }

  #endProbe(state: HalfOpenState, outcome: ProbeOutcome): void {
    const isCurrent = this.#machine.endProbe(state, outcome);
    // Whether it still holds the lease is for the store to say.
    if (state.claim !== undefined) this.#fleet?.finish(state.claim, outcome);
    else if (isCurrent) this.#fleet?.sync();
  }

  #answered(view: BreakerView): void {
    this.#isStoreLost = this.#tellOnChange(false, undefined);
    const { state } = this.#machine;
    if (state.kind !== "open") return;
    if (view.opened) this.#announcer.alert("fleet", state.reason);
    // Where nobody else is there to agree, this isolate's word has to do.
    else if (state.scope === "isolate" && view.activeIsolates === 1) {
      this.#announcer.alert("isolate", state.reason);
    }
  }

  #lost(error: unknown): void {
    this.#isStoreLost = this.#tellOnChange(true, error);
    const { state } = this.#machine;
    if (state.kind === "open" && state.scope === "isolate") this.#announcer.alert("isolate", state.reason);
  }

  #tellOnChange(isLost: boolean, error: unknown): boolean {
    if (isLost !== this.#isStoreLost) {
      this.#announcer.tell(isLost ? { kind: "storeLost", error } : { kind: "storeBack" });
    }
    return isLost;
  }
}
