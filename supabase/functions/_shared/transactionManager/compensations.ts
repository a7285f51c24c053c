/** What has to be undone outside the database when a transaction is taken back. @module */

/** Undoes one effect outside the database, such as a payment; has to be safe to call twice. */
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
        await compensate();
        report.done++;
      } catch (error) {
        report.failures.push(error);
      }
    }
    return report;
  }
}
