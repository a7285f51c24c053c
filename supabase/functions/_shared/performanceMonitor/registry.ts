/**
 * The series that an isolate measures: how many there may be, and where the rest goes.
 *
 * Names and tags are an author's words, and sometimes hold what a caller sent. Beyond the limits a new set of tags
 * counts under its name with the tag `overflow`, and a new name under the name `overflow`: samples stay counted, and
 * neither memory nor rows grow.
 *
 * @module
 */

import { Histogram } from "./histogram.ts";

/** What a series holds: times, counts of events, or other amounts. */
export type MetricKind = "duration" | "counter" | "value";

/** Words that tell samples of one name apart. */
export type MetricTags = Readonly<Record<string, string>>;

/** What a series is. */
export interface SeriesIdentity {
  name: string;
  kind: MetricKind;
  unit: string;
  tags: MetricTags;
}

/** How many series there may be. */
export interface SeriesLimits {
  maxSeries: number;
  maxSeriesPerName: number;
}

/** Samples of one name, kind and set of tags. */
export class Series {
  /** Since the isolate began, without what `fresh` has. */
  readonly sent = new Histogram();
  /** Since the last batch. */
  fresh = new Histogram();

  constructor(readonly identity: SeriesIdentity) {}
}

const MAX_TAGS = 6;
/** Longer words are no words. They are not cut: half a secret would no longer be known as one. */
const MAX_WORD = 200;
const TOO_LONG = "too long";
const OVERFLOW = "overflow";

/** The series of one isolate. */
export class SeriesRegistry {
  readonly #limits: SeriesLimits;
  readonly #series = new Map<string, Series>();
  readonly #perName = new Map<string, number>();

  constructor(limits: SeriesLimits) {
    this.#limits = limits;
  }

  /** The series of these words; another call with the same words gives the same one. */
  get(identity: SeriesIdentity): Series {
    const name = boundWord(identity.name) || OVERFLOW;
    const tags = boundTags(identity.tags);
    const known = this.#series.get(keyOf(name, identity.kind, tags));
    if (known !== undefined) return known;
    if (this.#hasRoom(name)) return this.#add({ ...identity, name, tags });
    const isNameKnown = this.#perName.has(name);
    // One more for each known name and kind, and one for all others: bounded all the same.
    return this.#add({ ...identity, name: isNameKnown ? name : OVERFLOW, tags: { [OVERFLOW]: "true" } });
  }

  /** A series whose number its caller bounds; it has its place whatever the limits say. */
  reserve(identity: SeriesIdentity): Series {
    return this.#add(identity);
  }

  /** The series of a name, all of them without one. */
  all(name?: string): Series[] {
    const series = [...this.#series.values()];
    return name === undefined ? series : series.filter(({ identity }) => identity.name === name);
  }

  #hasRoom(name: string): boolean {
    return this.#series.size < this.#limits.maxSeries &&
      (this.#perName.get(name) ?? 0) < this.#limits.maxSeriesPerName;
  }

  #add(identity: SeriesIdentity): Series {
    const key = keyOf(identity.name, identity.kind, identity.tags);
    let series = this.#series.get(key);
    if (series === undefined) {
      series = new Series(identity);
      this.#series.set(key, series);
      this.#perName.set(identity.name, (this.#perName.get(identity.name) ?? 0) + 1);
    }
    return series;
  }
}

function boundTags(tags: MetricTags): MetricTags {
  const entries = Object.entries(tags).slice(0, MAX_TAGS).map(([key, value]): [string, string] => [
    boundWord(key),
    boundWord(value),
  ]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function boundWord(word: unknown): string {
  const text = String(word);
  return text.length > MAX_WORD ? TOO_LONG : text;
}

function keyOf(name: string, kind: MetricKind, tags: MetricTags): string {
  return JSON.stringify([name, kind, tags]);
}
