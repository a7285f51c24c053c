/** What was learned about the keys of tables, kept in the isolate for some minutes. @module */

import type { Clock } from "../core/clock.ts";
import {
  CONFIRMATIONS_NEEDED,
  type ConfirmedMapping,
  mappingSignature,
} from "../deterministicFixPatterns.ts";
import type { HealingPattern } from "../healingDb.ts";
import { TimedMap } from "./timedMap.ts";

const KEPT_MS = 300_000;
const MOST_KEYS = 2_000;
/** Signatures of one question. */
const MOST_ASKED = 50;

/** Asks the patterns once in a while for each key. */
export class MappingMemory {
  readonly #known: TimedMap<ConfirmedMapping[]>;

  constructor(
    private readonly recall:
      | ((signatures: readonly string[]) => Promise<readonly HealingPattern[]>)
      | undefined,
    clock: Clock,
  ) {
    this.#known = new TimedMap(KEPT_MS, MOST_KEYS, clock);
  }

  /** The mappings of these keys that have earned trust. */
  async confirmed(table: string, keys: readonly string[]): Promise<ConfirmedMapping[]> {
    if (this.recall === undefined) return [];
    const missing = keys.filter((key) => this.#known.get(mappingSignature(table, key)) === undefined);
    if (missing.length > 0) await this.#read(table, missing.slice(0, MOST_ASKED));
    return keys.flatMap((key) => this.#known.get(mappingSignature(table, key)) ?? []);
  }

  async #read(table: string, keys: readonly string[]): Promise<void> {
    const signatures = keys.map((key) => mappingSignature(table, key));
    let patterns: readonly HealingPattern[];
    try {
      patterns = await this.recall!(signatures);
    } catch {
      // A memory that cannot be asked is asked again by the next row.
      return;
    }
    for (const [index, key] of keys.entries()) {
      const own = patterns.filter((pattern) => pattern.error_signature === signatures[index]);
      this.#known.set(signatures[index]!, own.flatMap((pattern) => mappingOf(table, key, pattern)));
    }
  }
}

/** Only a pattern that may act alone confirms; how it came by that right is its own story. */
function mappingOf(
  table: string,
  key: string,
  { fix_strategy: fix, auto_fixable, success_count }: HealingPattern,
): ConfirmedMapping[] {
  if (!auto_fixable || fix.kind !== "rename_column" || fix.from !== key || typeof fix.to !== "string") {
    return [];
  }
  return [{ table, key, column: fix.to, confirmations: Math.max(CONFIRMATIONS_NEEDED, success_count) }];
}
