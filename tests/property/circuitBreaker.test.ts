import assert from "node:assert/strict";
import { CircuitBreaker, isCircuitOpenError } from "../../supabase/functions/_shared/circuitBreaker.ts";
import { BreakerModel, type CallEnd, MemoryStore } from "../helpers/breakerModel.ts";
import { FakeClock } from "../helpers/fakeClock.ts";
import { assertAsyncProperty, fc } from "../helpers/property.ts";

const THRESHOLD = 3;
const COOLDOWN_MS = 1_000;
const START = "2026-11-21T12:00:00Z";

type Step =
  | { kind: "start" }
  | { kind: "end"; which: number; how: CallEnd }
  | { kind: "wait"; ms: number }
  | { kind: "resume" };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ kind: "start" } as const) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("end" as const),
      which: fc.nat(10),
      how: fc.constantFrom<CallEnd>("success", "failure", "failure", "failure", "wrong"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.constantFrom(1, 500, 999, 1_000, 5_000),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "resume" } as const) },
);

interface RunningCall {
  number: number;
  end(how: CallEnd): Promise<void>;
}

/** A breaker and its model, side by side. */
class SideBySide {
  readonly clock = new FakeClock(START);
  readonly model = new BreakerModel(THRESHOLD, COOLDOWN_MS);
  breaker = this.#create();
  running: RunningCall[] = [];

  #create(initialState?: ReturnType<CircuitBreaker["toJSON"]>): CircuitBreaker {
    return new CircuitBreaker(undefined, {
      clock: this.clock,
      failureThreshold: THRESHOLD,
      cooldownMs: COOLDOWN_MS,
      halfOpenTimeoutMs: 1e9,
      ...(initialState === undefined ? {} : { initialState }),
    });
  }

  async take(step: Step): Promise<void> {
    if (step.kind === "wait") this.clock.advance(step.ms);
    else if (step.kind === "start") await this.#start();
    else if (step.kind === "resume") this.#resume();
    else await this.#end(step.which, step.how);
    assert.equal(this.breaker.state, this.model.state.kind);
  }

  async #start(): Promise<void> {
    const call = Promise.withResolvers<void>();
    let isRunning = false;
    const outcome = this.breaker.execute(() => {
      isRunning = true;
      return call.promise;
    }).catch((error) => error);
    const number = this.model.start(this.clock.monotonic());
    assert.equal(isRunning, number !== undefined, "the breaker lets through what the model lets through");
    if (number === undefined) return assert.ok(isCircuitOpenError(await outcome));
    this.running.push({
      number,
      end: async (how) => {
        if (how === "success") call.resolve();
        else call.reject(Object.assign(new Error(how), how === "wrong" ? { status: 404 } : {}));
        await outcome;
      },
    });
  }

  async #end(which: number, how: CallEnd): Promise<void> {
    const [call] = this.running.splice(which % Math.max(1, this.running.length), 1);
    if (call === undefined) return;
    await call.end(how);
    this.model.end(call.number, how, this.clock.monotonic());
  }

  /** Another isolate goes on from a snapshot, which has no calls of the first one and no probe in flight. */
  #resume(): void {
    this.breaker = this.#create(JSON.parse(JSON.stringify(this.breaker)));
    const { state } = this.model;
    if (state.kind === "halfOpen") {
      this.model.state = { ...state, kind: "open", retryAt: this.clock.monotonic() };
    }
    this.model.state = { ...this.model.state, number: this.model.state.number + 1 };
  }
}

Deno.test("CircuitBreaker does what its model does, in whatever order calls start, end and come late", async () => {
  await assertAsyncProperty(
    fc.asyncProperty(fc.array(step, { maxLength: 80, size: "max" }), async (steps) => {
      const both = new SideBySide();
      for (const one of steps) await both.take(one);
      for (const call of both.running) await call.end("success");
    }),
    { runs: 1_000 },
  );
});

interface Round {
  waitMs: number;
  calls: { isolate: number; fails: boolean }[];
  /** Waiting answers of store and target that come in this round, in an order that the scheduler picks. */
  answers: number;
}

const round: fc.Arbitrary<Round> = fc.record({
  waitMs: fc.constantFrom(0, 0, 300, COOLDOWN_MS),
  calls: fc.array(fc.record({ isolate: fc.nat(2), fails: fc.constantFrom(true, true, true, false) }), {
    minLength: 1,
    maxLength: 4,
  }),
  answers: fc.nat(6),
});

/** Three isolates, and a store and a target whose answers come when the scheduler says. */
class ScheduledFleet {
  readonly clock = new FakeClock(START);
  readonly store: MemoryStore;
  readonly breakers: CircuitBreaker[];
  readonly outcomes: Promise<unknown>[] = [];
  /** Calls that reached the target as the fleet's probe. */
  probes = 0;
  mostProbesAtOnce = 0;
  readonly #probing = new Set<number>();

  constructor(private readonly scheduler: fc.Scheduler) {
    const delay = <Answer>(label: string, answer: Answer) =>
      scheduler.schedule(Promise.resolve(), label).then(() => answer);
    this.store = new MemoryStore(() => this.clock.monotonic(), 2, COOLDOWN_MS, delay);
    this.breakers = [0, 1, 2].map((index) => this.#create(index));
  }

  #create(index: number): CircuitBreaker {
    return new CircuitBreaker("target", {
      clock: this.clock,
      store: this.store.for(`isolate ${index}`),
      failureThreshold: 1,
      cooldownMs: COOLDOWN_MS,
      halfOpenTimeoutMs: 1e6,
      storeTimeoutMs: 1e6,
      onEvent: (event) => {
        if (event.kind === "closed" || event.kind === "opened") this.#probing.delete(index);
        if (event.kind !== "halfOpened" || event.scope !== "fleet") return;
        this.probes++;
        this.#probing.add(index);
        this.mostProbesAtOnce = Math.max(this.mostProbesAtOnce, this.#probing.size);
      },
    });
  }

  async take({ waitMs, calls, answers }: Round): Promise<void> {
    this.clock.advance(waitMs);
    for (const { isolate, fails } of calls) this.call(isolate, fails);
    await this.scheduler.waitNext(Math.min(answers, this.scheduler.count()));
  }

  call(isolate: number, fails: boolean): void {
    const work = async () => {
      await this.scheduler.schedule(Promise.resolve(), `a call of isolate ${isolate} ends`);
      if (fails) throw new Error("down");
    };
    this.outcomes.push(this.breakers[isolate]!.execute(work).then(() => "answered", (error) => error));
  }

  /** Everything that is on its way arrives. */
  async settle(): Promise<unknown[]> {
    await this.scheduler.waitFor(Promise.all(this.outcomes));
    await this.scheduler.waitAll();
    return await Promise.all(this.outcomes);
  }

  /** Every isolate calls, with time between, until nothing is left to learn. */
  async callAll(fails: boolean, rounds: number): Promise<void> {
    for (let i = 0; i < rounds; i++) {
      this.clock.advance(COOLDOWN_MS);
      for (const isolate of [0, 1, 2]) this.call(isolate, fails);
      await this.settle();
    }
  }
}

let probesSeen = 0;

Deno.test("CircuitBreaker never lets two probes of the fleet run at once, under any interleaving of the answers", async () => {
  await assertAsyncProperty(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(round, { minLength: 4, maxLength: 20, size: "max" }),
      async (scheduler, rounds) => {
        const fleet = new ScheduledFleet(scheduler);
        await fleet.callAll(true, 3);
        assert.notEqual(fleet.store.state, "closed");
        for (const one of rounds) await fleet.take(one);
        for (const outcome of await fleet.settle()) {
          const isKnown = outcome === "answered" || (outcome as Error).message === "down";
          assert.ok(isKnown || isCircuitOpenError(outcome), String(outcome));
        }
        assert.ok(fleet.mostProbesAtOnce <= 1, `${fleet.mostProbesAtOnce} probes at once`);
        assert.ok(fleet.probes <= fleet.store.probesGranted, "no probe without its grant");
        await fleet.callAll(false, 12);
        assert.equal(fleet.store.state, "closed");
        assert.deepEqual(fleet.breakers.map(({ state }) => state), ["closed", "closed", "closed"]);
        probesSeen += fleet.probes;
      },
    ),
    { runs: 500 },
  );
  assert.ok(probesSeen > 1_000, `only ${probesSeen} probes were tried`);
});
