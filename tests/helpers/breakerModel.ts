/**
 * What a breaker must do, written down once more and as simply as possible: the model that random histories of calls
 * are compared with, and a store in memory that keeps the promises of the SQL one.
 *
 * @module
 */

import type {
  BreakerReport,
  BreakerStore,
  BreakerView,
} from "../../supabase/functions/_shared/circuitBreaker.ts";

/** The model's state. A call remembers the number of the state it started in. */
export interface ModelState {
  kind: "closed" | "open" | "halfOpen";
  number: number;
  failures: number;
  retryAt: number;
}

/** How a call ends: an answer, a failure of the target, or an answer that says that the request was wrong. */
export type CallEnd = "success" | "failure" | "wrong";

/** A breaker that is nothing but its rules: failures in a row, one probe after the cooldown. */
export class BreakerModel {
  state: ModelState = { kind: "closed", number: 0, failures: 0, retryAt: 0 };

  constructor(private readonly threshold: number, private readonly cooldownMs: number) {}

  /** Whether a call may start now; the number of the state it starts in. */
  start(now: number): number | undefined {
    if (this.state.kind === "closed") return this.state.number;
    if (this.state.kind === "halfOpen" || now < this.state.retryAt) return undefined;
    return this.#enter("halfOpen", 0);
  }

  /** A call that started in the numbered state ends. */
  end(number: number, how: CallEnd, now: number): void {
    if (number !== this.state.number) return;
    if (this.state.kind === "halfOpen") {
      if (how === "failure") this.#enter("open", now + this.cooldownMs);
      else this.#enter("closed", 0);
    } else if (how === "success") this.state.failures = 0;
    else if (how === "failure" && ++this.state.failures >= this.threshold) {
      this.#enter("open", now + this.cooldownMs);
    }
  }

  #enter(kind: ModelState["kind"], retryAt: number): number {
    this.state = { kind, number: this.state.number + 1, failures: 0, retryAt };
    return this.state.number;
  }
}

/** A store in memory for one name, with a clock of its own. */
export class MemoryStore {
  state: BreakerView["state"] = "closed";
  version = 1;
  probeNumber = 0;
  probesGranted = 0;
  #until = 0;
  readonly #votes = new Map<string, number>();

  constructor(
    private readonly now: () => number,
    private readonly quorum: number,
    private readonly cooldownMs: number,
    /** Lets a test decide when an answer comes. */
    private readonly delay: <Answer>(label: string, answer: Answer) => Promise<Answer>,
  ) {}

  /** The store as one isolate sees it. */
  for(isolate: string): BreakerStore {
    return {
      report: async (report) => {
        await this.delay(`${isolate} reports`, null);
        return await this.delay(`${isolate} hears`, this.#report(isolate, report));
      },
      claimProbe: async ({ leaseMs }) => {
        await this.delay(`${isolate} claims`, null);
        return await this.delay(`${isolate} hears of its claim`, this.#claim(leaseMs));
      },
      finishProbe: async ({ probeNumber, outcome }) => {
        await this.delay(`${isolate} ends its probe`, null);
        return await this.delay(`${isolate} hears of the end`, this.#finish(probeNumber, outcome));
      },
    };
  }

  #report(isolate: string, { isOpen, version }: BreakerReport): BreakerView {
    if (isOpen && version === this.version && this.state === "closed") this.#votes.set(isolate, version);
    else this.#votes.delete(isolate);
    const votes = [...this.#votes.values()].filter((voted) => voted === this.version).length;
    const opened = this.state === "closed" && votes >= this.quorum;
    if (opened) this.#move("open", this.cooldownMs);
    return this.#view(opened);
  }

  #claim(leaseMs: number) {
    const granted = this.state !== "closed" && this.now() >= this.#until;
    if (granted) {
      this.#move("halfOpen", leaseMs);
      this.probeNumber++;
      this.probesGranted++;
    }
    return { granted, probeNumber: this.probeNumber, view: this.#view(false) };
  }

  #finish(probeNumber: number, outcome: "succeeded" | "failed" | "abandoned"): BreakerView {
    if (this.state === "halfOpen" && probeNumber === this.probeNumber) {
      if (outcome === "succeeded") this.#move("closed", 0);
      else this.#move("open", outcome === "failed" ? this.cooldownMs : 0);
    }
    return this.#view(false);
  }

  #move(state: BreakerView["state"], ms: number): void {
    this.state = state;
    this.version++;
    this.#until = this.now() + ms;
  }

  #view(opened: boolean): BreakerView {
    const remainingMs = this.state === "closed" ? 0 : Math.max(0, this.#until - this.now());
    const { state, version } = this;
    return { id: "1", version, state, mode: "auto", remainingMs, isLast: false, activeIsolates: 0, opened };
  }
}
