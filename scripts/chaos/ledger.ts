/** What the clients of a chaos run know: what they asked for, and what was answered with success. @module */

/** What one call asks for. */
export interface Asked {
  kind: "write" | "batch" | "healed" | "report" | "partner" | "poison";
  key: string;
  body: Record<string, unknown>;
  /** The keys of the rows that it writes. */
  rowKeys: readonly string[];
}

/** The memory of the clients. */
export class Ledger {
  /** Keys of rows that were answered with `saved` or `healed`. */
  readonly savedRows = new Set<string>();
  /** Keys of reports that were answered. */
  readonly savedReports = new Set<string>();
  /** Keys of calls that were answered with the promise to make them again. */
  readonly kept = new Set<string>();
  /** Keys that the partner's answer was seen of. */
  readonly partnered = new Set<string>();
  /** Calls that wait for their answer. */
  readonly waiting = new Map<string, Asked>();
  /** Of each captured fingerprint: how many occurrences were sent, and how many were acknowledged. */
  readonly captured = new Map<string, { sent: number; acknowledged: number }>();
  /** Answers by their kind, for the table. */
  readonly answers = new Map<string, number>();
  /** Answers that are neither a success nor an error with a code. */
  readonly strange: string[] = [];
  calls = 0;

  /** Counts an answer. */
  count(kind: string, by = 1): void {
    this.answers.set(kind, (this.answers.get(kind) ?? 0) + by);
  }

  /** Notes occurrences that go out. */
  sending(fingerprint: string, occurrences: number): void {
    const known = this.captured.get(fingerprint) ?? { sent: 0, acknowledged: 0 };
    known.sent += occurrences;
    this.captured.set(fingerprint, known);
  }

  /** Notes occurrences that were taken. */
  acknowledged(fingerprint: string, occurrences: number): void {
    this.captured.get(fingerprint)!.acknowledged += occurrences;
  }
}
