/**
 * A file of lines that wait for something to come back, such as the database: written when an item cannot be
 * delivered, emptied in order when it can, and removed last.
 *
 * A crash between any two steps repeats at most a delivery, so whoever takes delivery has to know items again by
 * their ids. A line that a crash cut in two is delivered as what it is and holds nothing up. One process writes to a
 * file; in it, appending and emptying never meet.
 *
 * @module
 */

import { batchesOf } from "./spool/batches.ts";
import { endsWithLine, readLines, sizeOf } from "./spool/lines.ts";
import { createMutex } from "./spool/mutex.ts";

export { batchesOf } from "./spool/batches.ts";

/** How large a spool may grow. */
export interface SpoolOptions {
  /** Bytes from which on nothing more is taken; 5,000,000. */
  maxBytes?: number;
}

/** What became of an append. */
export type Appended =
  | { kind: "written" }
  /** The file has reached its size; nothing of the batch was written. */
  | { kind: "full" }
  /** The disk is full, or may not be written to. */
  | { kind: "failed"; error: unknown };

/** Delivers lines; rejects when it could not, and they stay. */
export type Deliver = (lines: readonly string[]) => Promise<void>;

/**
 * One file of waiting lines.
 *
 * @example
 * ```ts
 * import { Spool } from "./spool.ts";
 *
 * const spool = new Spool(`${await Deno.makeTempDir()}/waiting.jsonl`);
 * await spool.append(['{"id":1}', '{"id":2}']);
 * const delivered: string[] = [];
 * await spool.empty((lines) => (delivered.push(...lines), Promise.resolve()));
 * if (delivered.length !== 2 || await spool.size() !== 0) throw new Error("unexpected");
 * ```
 */
export class Spool {
  readonly #touchFile = createMutex();
  readonly #emptyFile = createMutex();
  readonly #maxBytes: number;
  /** What is known of the file; undefined before the first look, and after a write that failed half way. */
  #known: { bytes: number } | undefined;

  constructor(readonly path: string, { maxBytes = 5_000_000 }: SpoolOptions = {}) {
    if (!(maxBytes > 0)) {
      throw new RangeError(`Cannot create Spool as "maxBytes" must be > 0: current value is ${maxBytes}`);
    }
    this.#maxBytes = maxBytes;
  }

  /** Writes lines behind those that wait; all or, when the file is full, none of them. */
  async append(lines: readonly string[]): Promise<Appended> {
    return await this.#touchFile(async (): Promise<Appended> => {
      try {
        const isNew = this.#known === undefined;
        const { bytes } = this.#known ??= { bytes: await sizeOf(this.path) };
        // A line that a crash left without its end must not swallow the next one.
        const start = isNew && bytes > 0 && !await endsWithLine(this.path) ? "\n" : "";
        const text = new TextEncoder().encode(`${start}${lines.join("\n")}\n`);
        if (bytes + text.length > this.#maxBytes) return { kind: "full" };
        await Deno.writeFile(this.path, text, { append: true, mode: 0o600 });
        this.#known = { bytes: bytes + text.length };
        return { kind: "written" };
      } catch (error) {
        this.#known = undefined;
        return { kind: "failed", error };
      }
    });
  }

  /** Delivers what waits, oldest first, also what comes meanwhile; then removes the file. Rejects as `deliver` does. */
  async empty(deliver: Deliver): Promise<void> {
    // One at a time: whoever removed the file under another's feet could remove what came since.
    await this.#emptyFile(async () => {
      for (let done = 0;;) {
        const { lines, end } = await this.#touchFile(() => readLines(this.path, done));
        for (const batch of batchesOf(lines)) await deliver(batch);
        if (await this.#removeUnlessMoreCame(end)) return;
        done = end;
      }
    });
  }

  /** Bytes that wait; 0 without a file. */
  async size(): Promise<number> {
    return await this.#touchFile(() => sizeOf(this.path));
  }

  async #removeUnlessMoreCame(delivered: number): Promise<boolean> {
    return await this.#touchFile(async () => {
      const bytes = await sizeOf(this.path);
      if (bytes > delivered) return false;
      if (bytes > 0) await Deno.remove(this.path);
      this.#known = { bytes: 0 };
      return true;
    });
  }
}
