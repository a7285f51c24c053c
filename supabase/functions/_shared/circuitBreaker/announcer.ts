/** Tells listeners what happens to a breaker; nothing that they do can reach it. @module */

import type { BreakerScope } from "./state.ts";

/** What happened to a breaker. */
export type BreakerEvent =
  & { name: string | undefined }
  & (
    | { kind: "opened"; scope: BreakerScope; reason: string; retryAfterMs: number }
    | { kind: "halfOpened" | "closed"; scope: BreakerScope }
    | { kind: "refused"; retryAfterMs: number }
    | { kind: "forcedOpen" | "disabled" }
    | { kind: "storeLost"; error: unknown }
    | { kind: "storeBack" }
  );

/** The news that a target is down. */
export interface BreakerAlert {
  name: string | undefined;
  /** `fleet` when enough isolates agree, `isolate` when only this one can say so. */
  scope: BreakerScope;
  reason: string;
}

/** An event without the name, which the announcer adds. */
export type BreakerNews = BreakerEvent extends infer Event
  ? Event extends BreakerEvent ? Omit<Event, "name"> : never
  : never;

/** Speaks for one breaker. */
export class Announcer {
  /** True from the alert of an opening until the breaker closes. */
  #hasAlerted = false;

  constructor(
    private readonly name: string | undefined,
    private readonly onEvent: ((event: BreakerEvent) => void) | undefined,
    private readonly onAlert: ((alert: BreakerAlert) => void | Promise<void>) | undefined,
  ) {}

  /** Tells the listener. */
  tell(news: BreakerNews): void {
    if (news.kind === "closed") this.#hasAlerted = false;
    try {
      this.onEvent?.({ ...news, name: this.name } as BreakerEvent);
    } catch {
      // A listener cannot break what it listens to.
    }
  }

  /** Sends the alert of this opening, once. */
  alert(scope: BreakerScope, reason: string): void {
    if (this.#hasAlerted || this.onAlert === undefined) return;
    this.#hasAlerted = true;
    void this.#send({ name: this.name, scope, reason });
  }

  async #send(alert: BreakerAlert): Promise<void> {
    try {
      await this.onAlert?.(alert);
    } catch {
      // An alert that cannot be sent leaves the breaker as it is.
    }
  }
}
