/**
 * A fleet of isolates that protect one target together: breakers with separate states and clocks of their own, real
 * SQL between them, and time that a test moves for all of them and for the database.
 *
 * @module
 */

import {
  type BreakerEvent,
  type BreakerGroup,
  type BreakerStore,
  CircuitBreaker,
  type CircuitBreakerOptions,
  isCircuitOpenError,
} from "../../supabase/functions/_shared/circuitBreaker.ts";
import type { Clock } from "../../supabase/functions/_shared/core/clock.ts";
import { breakerStore } from "../../supabase/functions/_shared/healingDb.ts";
import { type Contract, openContract } from "./contract.ts";
import type { TestDatabase } from "./database.ts";
import { FakeClock } from "./fakeClock.ts";

/** What a call came to. */
export type CallOutcome = "answered" | "failed" | "refused";

/** One isolate of the fleet. */
export interface Isolate {
  readonly id: string;
  readonly breaker: CircuitBreaker;
  /** Every event with the fleet's time at which it came. */
  readonly events: { atMs: number; event: BreakerEvent }[];
}

/** What a fleet is made of. */
export interface FleetOptions extends CircuitBreakerOptions {
  name?: string;
  isolates: number;
  /** Connections that the isolates share; 8. */
  connections?: number;
  /** The group of an isolate's breaker. */
  groupOf?: (index: number) => BreakerGroup;
}

const START = "2026-11-21T12:00:00Z";
const FIVE_MINUTES = 300_000;

/** Opens the connections and makes the isolates. */
export async function createFleet(database: TestDatabase, options: FleetOptions): Promise<BreakerFleet> {
  const connections = Math.min(options.connections ?? 8, options.isolates);
  const contracts = await Promise.all(Array.from({ length: connections }, () => openContract(database)));
  return new BreakerFleet(database, contracts, options);
}

/** The fleet. */
export class BreakerFleet implements AsyncDisposable {
  readonly isolates: readonly Isolate[];
  /** The calls that reached the target since they were last cleared. */
  readonly reached: { atMs: number; isolate: string }[] = [];
  /** Calls of the store so far. */
  storeCalls = 0;
  /** Whether the target fails for an isolate. */
  isDownFor: (index: number) => boolean = () => false;
  readonly name: string;
  readonly #clock = new FakeClock(START);
  readonly #startedAt = Date.parse(START);
  #inFlight = 0;

  constructor(
    private readonly database: TestDatabase,
    private readonly contracts: readonly Contract[],
    { name = "target", isolates, connections: _connections, groupOf, ...options }: FleetOptions,
  ) {
    this.name = name;
    this.isolates = Array.from({ length: isolates }, (_, index) => {
      const group = groupOf?.(index);
      return this.#createIsolate(index, group === undefined ? options : { ...options, group });
    });
  }

  /** Milliseconds since the fleet's start. */
  get atMs(): number {
    return this.#clock.now() - this.#startedAt;
  }

  /** One call of one isolate. */
  async call(index: number): Promise<CallOutcome> {
    const { breaker, id } = this.isolates[index]!;
    try {
      await breaker.execute(async () => {
        this.reached.push({ atMs: this.atMs, isolate: id });
        await Promise.resolve();
        if (this.isDownFor(index)) throw new Error("down");
      });
      return "answered";
    } catch (error) {
      return isCircuitOpenError(error) ? "refused" : "failed";
    }
  }

  /** One call of every isolate at once, and everything that follows from it. */
  async callAll(): Promise<CallOutcome[]> {
    const outcomes = await Promise.all(this.isolates.map((_, index) => this.call(index)));
    await this.settle();
    return outcomes;
  }

  /** Returns when nothing is on its way to the database any more. */
  async settle(): Promise<void> {
    do {
      await new Promise((resolve) => setTimeout(resolve, 0));
    } while (this.#inFlight > 0);
  }

  /** Time passes for the isolates and, since its clock cannot be moved, all stored times of the database go back. */
  async advance(ms: number): Promise<void> {
    this.#clock.advance(ms);
    const passed = `${ms} milliseconds`;
    await this.database.query(
      `update public.circuit_breakers set opened_at = opened_at - $1::interval, probe_after = probe_after - $1::interval,
         probe_lease_expires_at = probe_lease_expires_at - $1::interval`,
      [passed],
    );
    await this.database.query(
      `update healing_private.circuit_breaker_isolates set seen_at = seen_at - $1::interval, voted_at = voted_at - $1::interval`,
      [passed],
    );
  }

  /** Calls of every isolate, `everyMs` apart, for `ms` of the fleet's time. */
  async run(ms: number, everyMs = 250): Promise<void> {
    for (const end = this.atMs + ms; this.atMs < end; await this.advance(everyMs)) await this.callAll();
  }

  /** When an isolate first told this kind of event, after the given time; undefined when it did not. */
  firstEvent(
    isolate: Isolate,
    afterMs: number,
    matches: (event: BreakerEvent) => boolean,
  ): number | undefined {
    return isolate.events.find(({ atMs, event }) => atMs >= afterMs && matches(event))?.atMs;
  }

  /** The connections end: from now on there is no database. */
  async loseDatabase(): Promise<void> {
    await Promise.all(this.contracts.map((contract) => contract[Symbol.asyncDispose]()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.settle();
    await this.loseDatabase().catch(() => {});
  }

  #createIsolate(index: number, options: CircuitBreakerOptions): Isolate {
    const id = `isolate-${index}`;
    const events: Isolate["events"] = [];
    const { rpc } = this.contracts[index % this.contracts.length]!;
    const breaker = new CircuitBreaker(this.name, {
      clock: skewed(this.#clock, index),
      store: this.#counted(breakerStore(rpc, { isolate: id })),
      onEvent: (event) => events.push({ atMs: this.atMs, event }),
      ...options,
    });
    return { id, breaker, events };
  }

  #counted(store: BreakerStore): BreakerStore {
    const count = async <Answer>(answer: Promise<Answer>): Promise<Answer> => {
      this.storeCalls++;
      this.#inFlight++;
      try {
        return await answer;
      } finally {
        this.#inFlight--;
      }
    };
    return {
      report: (report) => count(store.report(report)),
      claimProbe: (claim) => count(store.claimProbe(claim)),
      finishProbe: (end) => count(store.finishProbe(end)),
    };
  }
}

/** Isolates disagree about the time by up to five minutes either way, and none started at the same moment. */
function skewed(clock: Clock, index: number): Clock {
  const offset = ((index * 37) % 101 / 50 - 1) * FIVE_MINUTES;
  return {
    now: () => clock.now() + offset,
    monotonic: () => clock.monotonic() - offset * 7,
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
}
