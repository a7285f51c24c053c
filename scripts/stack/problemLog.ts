/** Says what goes wrong once, and not once a second for as long as it lasts. @module */

import { messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import type { Logger } from "../../supabase/functions/_shared/core/logger.ts";

/** Writes a problem when it is new. */
export class ProblemLog {
  readonly #logger: Logger;
  #last: string | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Writes a line unless the last one said the same. */
  report(what: string, error: unknown): void {
    const text = `${what}: ${messageOf(error)}`;
    if (text !== this.#last) this.#logger.warn(text);
    this.#last = text;
  }

  /** All is well again: the same problem is news the next time. */
  clear(): void {
    this.#last = undefined;
  }
}
