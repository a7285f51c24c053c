/** What has to be undone outside the database when a transaction is taken back. @module */

import type { Clock } from "../core/clock.ts";
import { HealingError } from "../core/errors.ts";

/** One that never ends must keep neither the others nor the isolate's connection. */
const LONGEST_MS = 10_000;

/** Undoes one effect outside the database, such as a payment, in ten seconds at most; has to be safe to call twice. */
export type Compensation = () => unknown | Promise<unknown>;

/** What came of undoing. */
export interface CompensationReport {
  done: number;
  /** What those that failed threw. */
  failures: unknown[];
}

/** The effects of one transaction, the last one first. */
export class Compensations {
  readonly #waiting: Compensation[] = [];

  constructor(private readonly clock: Clock) {}

  add(compensation: Compensation): void {
    this.#waiting.push(compensation);
  }

  /** A place to go back to. */
  get mark(): number {
    return this.#waiting.length;
  }

  /** Undoes what came after a mark; one that fails does not keep the others from running. */
  async undo(mark = 0): Promise<CompensationReport> {
    const report: CompensationReport = { done: 0, failures: [] };
    while (this.#waiting.length > mark) {
      const compensate = this.#waiting.pop()!;
      try {
        await this.#run(compensate);
        report.done++;
      } catch (error) {
        report.failures.push(error);
      }
    }
    return report;
  }

  async #run(compensate: Compensation): Promise<void> {
    const end = new AbortController();
    const tooLong = this.clock.sleep(LONGEST_MS, end.signal).then(() => {
      throw new HealingError("TIMEOUT", `A compensation did not end within ${LONGEST_MS} ms`);
    });
    try {
      await Promise.race([compensate(), tooLong]);
    } finally {
      tooLong.catch(() => {});
      end.abort();
    }
  }
}
