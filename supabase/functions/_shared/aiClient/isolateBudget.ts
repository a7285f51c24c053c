/** What one isolate may use in a day (UTC) while there is no database to ask. @module */

import { type Clock, systemClock } from "../core/clock.ts";
import { HealingError } from "../core/errors.ts";
import { formatUsd } from "./money.ts";

/** Tokens, and money in picodollars. */
export interface Share {
  tokens: number;
  pico: bigint;
}

const DAY_MS = 86_400_000;

const budgets = new Map<string, IsolateBudget>();

/** Counts for one isolate. */
export class IsolateBudget {
  #day = -Infinity;
  #used: Share = { tokens: 0, pico: 0n };

  constructor(private readonly limit: Share, private readonly clock: Clock) {}

  /** The one of this isolate: clients of a request each must not have a budget each. */
  static of(limit: Share, clock: Clock): IsolateBudget {
    const key = `${limit.tokens} ${limit.pico}`;
    const known = clock === systemClock ? budgets.get(key) : undefined;
    const budget = known ?? new IsolateBudget(limit, clock);
    if (clock === systemClock) budgets.set(key, budget);
    return budget;
  }

  /** Takes a share, or throws `RATE_LIMITED`; the answer puts what was used in its place. */
  reserve(share: Share): (used: Share) => void {
    const now = this.clock.now();
    // A clock that is set back starts no new day.
    if (Math.floor(now / DAY_MS) > this.#day) {
      this.#day = Math.floor(now / DAY_MS);
      this.#used = { tokens: 0, pico: 0n };
    }
    const after = { tokens: this.#used.tokens + share.tokens, pico: this.#used.pico + share.pico };
    if (after.tokens > this.limit.tokens || after.pico > this.limit.pico) throw this.#refusal(now);
    this.#used = after;
    const day = this.#day;
    return (used) => {
      if (day !== this.#day) return;
      this.#used.tokens += used.tokens - share.tokens;
      this.#used.pico += used.pico - share.pico;
    };
  }

  #refusal(now: number): HealingError {
    const { tokens, pico } = this.limit;
    return new HealingError(
      "RATE_LIMITED",
      `The model was not asked: without the database this isolate may use ${tokens} tokens and ` +
        `${formatUsd(pico)} US dollars a day, and they are used or reserved`,
      {
        hint: "Bring the database back, or raise isolateBudget",
        details: { refused: true, budget: "isolate" },
        retryAfterMs: (this.#day + 1) * DAY_MS - now,
      },
    );
  }
}
