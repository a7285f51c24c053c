/**
 * What an author measures: times, counts and amounts, added up in the isolate and written in the background.
 *
 * A sample costs a logarithm and an entry in a map. Every ten seconds, or after 10,000 samples, and when the worker
 * ends, the sums and histograms go to `performance_metrics` as one batch, where those of all isolates add up by the
 * minute. Percentiles are at most 2 % wrong ({@link RELATIVE_ERROR}), here and in the database. A database that is
 * away costs nothing but, after some minutes, the oldest batches; what is dropped is counted and becomes a metric.
 *
 * Nothing here throws into the code that is measured: a value that is no amount is counted and left out.
 *
 * @example
 * ```ts
 * import { PerformanceMonitor } from "./performanceMonitor.ts";
 *
 * const monitor = new PerformanceMonitor();
 * const plan = await monitor.measure("load plan", () => Promise.resolve("plan"));
 * monitor.increment("plans", 1, { tier: "free" });
 * const slowest = monitor.getPercentile("load plan", 0.95);
 * if (plan !== "plan" || slowest === undefined || slowest < 0) throw new Error("unexpected");
 * ```
 *
 * @module
 */

import { type Clock, systemClock } from "./core/clock.ts";
import { createLogger, type Logger } from "./core/logger.ts";
import { optionCheck } from "./core/options.ts";
import { type Random, systemRandom } from "./core/random.ts";
import type { RequestArm } from "./core/requestArms.ts";
import { Histogram } from "./performanceMonitor/histogram.ts";
import {
  type MetricKind,
  type MetricTags,
  type Series,
  SeriesRegistry,
} from "./performanceMonitor/registry.ts";
import { MetricSender, type MetricSink } from "./performanceMonitor/sender.ts";

export { type Aggregate, Histogram, RELATIVE_ERROR } from "./performanceMonitor/histogram.ts";
export type { MetricKind, MetricTags, SeriesIdentity } from "./performanceMonitor/registry.ts";
export type { MetricReport, MetricSink } from "./performanceMonitor/sender.ts";

const check = optionCheck("create PerformanceMonitor");

/** How a monitor works. */
export interface PerformanceMonitorOptions {
  /** Where batches go; without one the monitor only keeps what {@link PerformanceMonitor.getPercentile} needs. */
  sink?: (() => Promise<MetricSink>) | undefined;
  /** How long samples are added up before they are sent, in milliseconds; 10,000. */
  flushMs?: number;
  /** Samples after which they are sent at once; 10,000. */
  flushSamples?: number;
  /** Sets of name, kind and tags in all; 500. */
  maxSeries?: number;
  /** Sets of tags of one name; 100. */
  maxSeriesPerName?: number;
  /** Batches that wait while the database is away; 30. */
  maxBatches?: number;
  /** How long the database may take, in milliseconds; 10,000. */
  timeoutMs?: number;
  clock?: Clock;
  random?: Random;
  logger?: Logger;
}

/** How many samples went where. */
export interface MonitorCounts {
  /** In the database. */
  recorded: number;
  /** Given up. */
  dropped: number;
  /** Not yet in the database. */
  waiting: number;
  /** Left out, as they were no finite number of at least 0. */
  invalid: number;
}

/** How a request ended: answered, refused (4xx), or failed (5xx). */
export type RequestOutcome = "ok" | "refused" | "error";

/** The name under which requests are counted; the database's error rate looks for it. */
export const REQUESTS = "requests";

const NO_TAGS: MetricTags = {};
/** Functions that one isolate serves; more are names made at run time. */
const MOST_FUNCTIONS = 50;

/** Measures. One an isolate is enough. */
export class PerformanceMonitor {
  readonly #options: PerformanceMonitorOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #registry: SeriesRegistry;
  readonly #sender: MetricSender;
  readonly #requests = new Map<string, Record<RequestOutcome, Series>>();
  readonly #flushSamples: number;
  readonly #flushMs: number;
  #sink: (() => Promise<MetricSink>) | undefined;
  #nap: AbortController | undefined;
  #unsent = 0;
  #invalid = 0;
  #told = 0;

  /** Throws a `RangeError` for an option that makes no sense. */
  constructor(options: PerformanceMonitorOptions = {}) {
    const { flushMs = 10_000, flushSamples = 10_000, maxSeries = 500, maxSeriesPerName = 100 } = options;
    const { maxBatches = 30, timeoutMs = 10_000 } = options;
    const atLeastOne = { flushSamples, maxSeries, maxSeriesPerName, flushMs, timeoutMs };
    for (const [key, value] of Object.entries(atLeastOne)) {
      check(key, value, Number.isFinite(value) && value >= 1, ">= 1");
    }
    check("maxBatches", maxBatches, Number.isFinite(maxBatches) && maxBatches >= 2, ">= 2");
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#registry = new SeriesRegistry({ maxSeries, maxSeriesPerName });
    const logger = options.logger ?? createLogger("performanceMonitor");
    this.#sender = new MetricSender({ clock: this.#clock, logger, maxBatches, timeoutMs });
    this.#sink = options.sink;
    this.#flushMs = flushMs;
    this.#flushSamples = flushSamples;
  }

  /** How many samples went where. */
  get counts(): MonitorCounts {
    const { recorded, dropped, waiting } = this.#sender.counts;
    return { recorded, dropped, waiting: waiting + this.#unsent, invalid: this.#invalid };
  }

  /** Where batches go from now on, unless it is known already. */
  connect(sink: () => Promise<MetricSink>): void {
    this.#sink ??= sink;
  }

  /** Runs work and notes how long it took, with the tag `outcome`; what it returns or throws goes on. */
  async measure<Result>(
    name: string,
    work: () => Promise<Result> | Result,
    tags: MetricTags = NO_TAGS,
  ): Promise<Result> {
    const startedAt = this.#clock.monotonic();
    let outcome = "error";
    try {
      const result = await work();
      outcome = "ok";
      return result;
    } finally {
      this.#take("duration", name, this.#clock.monotonic() - startedAt, { ...tags, outcome }, "ms");
    }
  }

  /** Starts a timer; the answer stops it, notes the time once, and returns it in milliseconds. */
  startTimer(name: string, tags: MetricTags = NO_TAGS): () => number {
    const startedAt = this.#clock.monotonic();
    let took: number | undefined;
    return () => {
      if (took === undefined) {
        took = Math.max(0, this.#clock.monotonic() - startedAt);
        this.#take("duration", name, took, tags, "ms");
      }
      return took;
    };
  }

  /** Counts events. */
  increment(name: string, by = 1, tags: MetricTags = NO_TAGS): void {
    this.#take("counter", name, by, tags, "1");
  }

  /** Notes an amount of at least 0, such as a size or a number of rows. */
  record(name: string, value: number, tags: MetricTags = NO_TAGS, unit = "1"): void {
    this.#take("value", name, value, tags, unit);
  }

  /** Notes a request that a function answered, with the side of a rollout that it was on. */
  request(functionName: string, outcome: RequestOutcome, durationMs: number, side?: RequestArm): void {
    const key = side === undefined ? functionName : `${functionName} ${side.deployment} ${side.arm}`;
    const series = this.#requests.get(key) ?? this.#requestSeries(key, functionName, side);
    this.#add(series[outcome], Math.max(0, durationMs));
  }

  /**
   * The value that the share `quantile` (0..1) of this isolate's samples does not exceed, at most 2 % wrong; undefined
   * without samples. Samples of all tags unless some are named.
   */
  getPercentile(name: string, quantile: number, tags: MetricTags = NO_TAGS): number | undefined {
    if (!(quantile >= 0 && quantile <= 1)) {
      throw new RangeError(
        `Cannot read a percentile as "quantile" must be >= 0 and <= 1: current value is ${quantile}`,
      );
    }
    const all = new Histogram();
    const wanted = Object.entries(tags);
    for (const { identity, sent, fresh } of this.#registry.all(name)) {
      if (identity.kind === "counter" || wanted.some(([key, value]) => identity.tags[key] !== value)) {
        continue;
      }
      for (const part of [sent, fresh]) all.merge(part);
    }
    return all.quantile(quantile);
  }

  /** Sends what was measured; resolves when it is in the database, or has to wait for it. */
  async flush(): Promise<void> {
    this.#nap?.abort();
    await this.#send();
  }

  #take(kind: MetricKind, name: string, value: number, tags: MetricTags, unit: string): void {
    try {
      if (kind === "duration") value = Math.max(0, value);
      this.#add(this.#registry.get({ name, kind, tags, unit }), value);
    } catch {
      // Tags that cannot be read, a name that is no text: whoever is measured must not notice.
      this.#invalid++;
    }
  }

  #add(series: Series, value: number): void {
    if (!Number.isFinite(value) || value < 0) {
      this.#invalid++;
      return;
    }
    series.fresh.add(value);
    this.#unsent++;
    if (this.#sink === undefined) return;
    // Once and not with every further sample: each abort makes an error with a stack.
    if (this.#unsent >= this.#flushSamples && this.#nap?.signal.aborted === false) this.#nap.abort();
    if (this.#nap === undefined) void this.#sendLater();
  }

  #requestSeries(key: string, functionName: string, side?: RequestArm): Record<RequestOutcome, Series> {
    const isFull = this.#requests.size >= MOST_FUNCTIONS;
    const seriesOf = (outcome: RequestOutcome) =>
      this.#registry.reserve({
        name: REQUESTS,
        kind: "duration",
        unit: "ms",
        tags: isFull ? { function: "overflow", outcome } : { function: functionName, outcome, ...side },
      });
    const series = { ok: seriesOf("ok"), refused: seriesOf("refused"), error: seriesOf("error") };
    this.#requests.set(key, series);
    return series;
  }

  async #sendLater(): Promise<void> {
    const nap = this.#nap = new AbortController();
    await this.#clock.sleep(this.#flushMs, nap.signal).catch(() => {});
    this.#nap = undefined;
    await this.#send();
    // While the database is away it is asked again, also when nothing more is measured.
    if (!this.#sender.isIdle && this.#nap === undefined) void this.#sendLater();
  }

  async #send(): Promise<void> {
    if (this.#sink === undefined) return;
    this.#collect(this.#noteLosses());
    await this.#sender.send(this.#sink);
  }

  #collect(tells: number): void {
    const series = this.#registry.all().filter(({ fresh }) => fresh.count > 0);
    if (series.length === 0) return;
    const metrics = series.map(({ identity, fresh }) => ({ ...identity, ...fresh }));
    for (const one of series) {
      one.sent.merge(one.fresh);
      one.fresh = new Histogram();
    }
    const takenAt = this.#clock.monotonic();
    const batch = { id: this.#random.uuid(), takenAt, metrics, samples: this.#unsent, tells };
    this.#unsent = 0;
    this.#sender.push(batch);
  }

  /** What was lost shows where the rest is seen, once the database is there to be told. */
  #noteLosses(): number {
    const { dropped, told } = this.#sender.counts;
    const lost = dropped + this.#invalid - told;
    if (lost === 0 || !this.#sender.isIdle) return 0;
    this.#registry.reserve(LOST).fresh.add(lost);
    return lost;
  }
}

const LOST = { name: "performance_monitor.dropped", kind: "counter", unit: "1", tags: NO_TAGS } as const;

/**
 * The monitor of this isolate. The wrappers around handlers connect it to the project's database; without one of them
 * `projectMonitor()` of `requestObserver` does.
 */
export const performanceMonitor: PerformanceMonitor = new PerformanceMonitor();
