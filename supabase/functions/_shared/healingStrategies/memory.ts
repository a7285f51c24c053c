/**
 * What has worked before, by signature: read from a store in the background, never on a call's path.
 *
 * The first failure of a signature is judged by the catalogue and by what this isolate has seen; the answer of the
 * store serves the next ones. A store that is slow, silent or gone changes nothing.
 *
 * @module
 */

import { runInBackground } from "../core/background.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { withTimeout } from "../timeout.ts";

/** The outcomes of one kind of fix for one signature; discounted, so not whole. */
export interface StrategyRecord {
  fixKind: string;
  successes: number;
  failures: number;
}

/** Where outcomes are read back from; undefined when it has no memory. */
export type RecordSource = (signature: string) => Promise<readonly StrategyRecord[] | undefined>;

/** How a memory works. */
export interface StrategyMemoryOptions {
  /** Without one, the isolate knows only what it has seen itself. */
  source?: RecordSource;
  /** How old what the source said may get while failures come in, in milliseconds; 60,000. */
  refreshMs?: number;
  clock?: Clock;
}

/** More signatures than that are forgotten, the oldest first. */
const MOST_SIGNATURES = 500;
/** More questions than that at once would be a load of their own. */
const MOST_READS = 4;
/** A source that does not answer must not keep the place of one that does. */
const READ_LIMIT_MS = 10_000;

interface Remembered {
  records: Map<string, StrategyRecord>;
  /** Monotonic; when the source was asked last. */
  askedAt: number;
}

/** Remembers outcomes for one isolate. */
export class StrategyMemory {
  readonly #bySignature = new Map<string, Remembered>();
  readonly #source: RecordSource | undefined;
  readonly #refreshMs: number;
  readonly #clock: Clock;
  #reading = 0;

  /** Throws a `RangeError` for a time that makes no sense. */
  constructor({ source, refreshMs = 60_000, clock = systemClock }: StrategyMemoryOptions = {}) {
    if (!(refreshMs > 0)) {
      throw new RangeError(
        `Cannot create StrategyMemory as "refreshMs" must be > 0: current value is ${refreshMs}`,
      );
    }
    this.#source = source;
    this.#refreshMs = refreshMs;
    this.#clock = clock;
  }

  /** What is known now; asks the source for next time when that is old. */
  recall(signature: string): ReadonlyMap<string, StrategyRecord> {
    const remembered = this.#remember(signature);
    this.#refresh(signature, remembered);
    return remembered.records;
  }

  /** Adds an outcome that this isolate has seen. */
  note(signature: string, fixKind: string, succeeded: boolean): void {
    const { records } = this.#remember(signature);
    const { successes, failures } = records.get(fixKind) ?? { successes: 0, failures: 0 };
    records.set(fixKind, {
      fixKind,
      successes: successes + Number(succeeded),
      failures: failures + Number(!succeeded),
    });
  }

  #remember(signature: string): Remembered {
    let remembered = this.#bySignature.get(signature);
    if (remembered === undefined) {
      remembered = { records: new Map(), askedAt: -Infinity };
      if (this.#bySignature.size >= MOST_SIGNATURES) {
        this.#bySignature.delete(this.#bySignature.keys().next().value!);
      }
      this.#bySignature.set(signature, remembered);
    }
    return remembered;
  }

  #refresh(signature: string, remembered: Remembered): void {
    const now = this.#clock.monotonic();
    if (this.#source === undefined || this.#reading >= MOST_READS) return;
    if (now - remembered.askedAt < this.#refreshMs) return;
    remembered.askedAt = now;
    this.#reading++;
    runInBackground(() => this.#read(signature, remembered));
  }

  async #read(signature: string, remembered: Remembered): Promise<void> {
    try {
      const ask = async () => await this.#source?.(signature);
      const records = await withTimeout(ask, READ_LIMIT_MS, { operation: "recall", clock: this.#clock });
      if (records === undefined) return;
      // What the isolate saw itself is in there by now, or will be at the next reading.
      remembered.records = new Map(
        records.filter(isUsable).map((record) => [record.fixKind, record]),
      );
    } finally {
      this.#reading--;
    }
  }
}

function isUsable({ fixKind, successes, failures }: StrategyRecord): boolean {
  return typeof fixKind === "string" &&
    [successes, failures].every((count) => Number.isFinite(count) && count >= 0);
}
