/**
 * One isolate's line to the others: it reports failures and reads the fleet's state in the same call, in the
 * background, one call at a time. A store that fails or hangs costs nothing but the news.
 *
 * @module
 */

import { runInBackground } from "../core/background.ts";
import { HealingError } from "../core/errors.ts";
import { bounded } from "./bounded.ts";
import type { BreakerSettings } from "./options.ts";
import {
  type BreakerStore,
  type BreakerView,
  checkClaim,
  checkView,
  type ProbeClaim,
  type ProbeOutcome,
} from "./store.ts";

/** The breaker that the line serves. */
export interface FleetHost {
  /** Whether this isolate's own evidence says that the target is down. */
  votesOpen(): boolean;
  /** Takes over what the fleet knows. `isNewer`: something has changed since the last view. */
  adopt(view: BreakerView, isNewer: boolean): void;
  /** A report was answered, after its view was taken over. */
  answered(view: BreakerView): void;
  /** The store gave no answer. */
  lost(error: unknown): void;
}

/** An isolate that sees failures reports this often at most. */
const REPORT_MS = 1_000;

/** The line of one breaker. */
export class FleetLink {
  #seen: { id: string; version: number } | undefined;
  /** Views below it are from before a probe's end that is still on its way. */
  #floor = 0;
  #dueAt = -Infinity;
  #reportedAt = -Infinity;
  #failures = 0;
  #errorCode: string | undefined;
  #isBusy = false;
  #again = false;

  constructor(
    private readonly name: string,
    private readonly store: BreakerStore,
    private readonly settings: BreakerSettings,
    private readonly host: FleetHost,
  ) {}

  /** Called with every call of the breaker: starts a refresh when one is due. */
  tick(): void {
    if (this.#isBusy) return;
    // Half as dear as the monotonic clock, and paid by every call. One that was set back makes a refresh too many.
    const now = this.settings.clock.now();
    if (now >= this.#dueAt || now < this.#reportedAt) this.#start();
  }

  /** A failure is reported with the next tick, and further ones once a second. */
  noteFailure(errorCode: string): void {
    this.#failures++;
    this.#errorCode = errorCode;
    this.#dueAt = Math.min(this.#dueAt, this.#reportedAt + REPORT_MS);
  }

  /** This isolate has just opened, or closed after having opened: the others should know. */
  sync(): void {
    if (this.#isBusy) this.#again = true;
    else this.#start();
  }

  /** Claims the fleet's probe; undefined when the store is lost. The view of the answer has been taken over. */
  async claim(): Promise<ProbeClaim | undefined> {
    const leaseMs = this.settings.halfOpenTimeoutMs + 5_000;
    try {
      const claim = checkClaim(await this.#within(this.store.claimProbe({ name: this.name, leaseMs })));
      if (!claim.granted) this.#receive(claim.view);
      else this.#seen = claim.view;
      return claim;
    } catch (error) {
      this.host.lost(error);
      return undefined;
    }
  }

  /** Ends the probe that was claimed, in the background. */
  finish({ probeNumber, view }: ProbeClaim, outcome: ProbeOutcome): void {
    this.#floor = view.version + 1;
    runInBackground(async () => {
      try {
        const end = { name: this.name, probeNumber, outcome };
        const after = checkView(await this.#within(this.store.finishProbe(end)));
        this.#floor = 0;
        this.#receive(after);
      } catch (error) {
        // The lease ends by itself, and then another isolate may try.
        this.#floor = 0;
        this.host.lost(error);
      }
    });
  }

  #start(): void {
    this.#isBusy = true;
    runInBackground(() => this.#report());
  }

  async #report(): Promise<void> {
    const { clock, random, refreshMs } = this.settings;
    do {
      this.#again = false;
      this.#reportedAt = clock.now();
      // Early enough that an opening is known everywhere within `refreshMs` of the first failures, and out of step
      // with the other isolates.
      this.#dueAt = this.#reportedAt + refreshMs * (0.6 + 0.15 * random.next());
      await this.#reportOnce();
      // Whoever waits for the others to agree asks again soon.
      if (this.host.votesOpen()) this.#dueAt = this.#reportedAt + REPORT_MS;
    } while (this.#again);
    this.#isBusy = false;
  }

  async #reportOnce(): Promise<void> {
    const failures = this.#failures;
    this.#failures = 0;
    const version = this.#seen?.version;
    const isOpen = this.host.votesOpen();
    const { group, cooldownMs, quorum, quorumShare } = this.settings;
    const { name } = this;
    const rest = { group: group?.name ?? "", cooldownMs, quorum, quorumShare };
    try {
      const report = { name, version, isOpen, failures, errorCode: this.#errorCode, ...rest };
      const view = checkView(await this.#within(this.store.report(report)));
      this.#receive(view);
      this.host.answered(view);
    } catch (error) {
      this.#failures += failures;
      this.host.lost(error);
    }
  }

  #receive(view: BreakerView): void {
    const seen = this.#seen;
    const isSameRow = seen?.id === view.id;
    if (isSameRow && (view.version < seen.version || view.version < this.#floor)) return;
    this.#seen = view;
    this.host.adopt(view, seen !== undefined && !(isSameRow && view.version === seen.version));
  }

  #within<Answer>(answer: Promise<Answer>): Promise<Answer> {
    const { clock, storeTimeoutMs } = this.settings;
    const late = () =>
      new HealingError("TIMEOUT", `The breakers' store did not answer in ${storeTimeoutMs} ms`);
    return bounded(() => answer, storeTimeoutMs, late, { clock });
  }
}
