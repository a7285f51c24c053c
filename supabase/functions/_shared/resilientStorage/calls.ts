/** The single calls of storage: a read is made again, a failure is coded, and what lasts is told. @module */

import type { Clock } from "../core/clock.ts";
import type { HealingError } from "../core/errors.ts";
import type { Random } from "../core/random.ts";
import { markRetried, type RetryBudget, retryWithBackoff } from "../retry.ts";
import type { SupabaseClient } from "../supabaseClient.ts";
import { readStorageFailure, storageError, type StorageFailure } from "./failure.ts";
import type { ResilientStorageOptions } from "./types.ts";

/** Where a call works. */
export interface Place {
  bucket: string;
  key?: string;
  operation: "read" | "write";
}

/** Limits and means. */
export interface CallLimits {
  maxAttempts: number;
  baseDelayMs: number;
  budget: RetryBudget;
  report: ResilientStorageOptions["report"];
  clock: Clock;
  random: Random;
}

type Bucket = ReturnType<SupabaseClient["storage"]["from"]>;
type Answer<Data> = { data: Data; error: null } | { data: null; error: unknown };
/** What is looked at of an entry; a folder has no id. */
export interface Entry {
  name: string;
  id: string | null;
  updated_at: string | null;
  metadata: Record<string, unknown> | null;
}

/** Answers, and not faults. */
const ANSWERS = new Set(["object_not_found", "object_exists"]);

/** Calls with one client's rights. */
export class StorageCalls {
  constructor(private readonly client: SupabaseClient["storage"], readonly limits: CallLimits) {}

  /** One call, made once. */
  async once<Data>(
    { bucket }: Place,
    work: (bucket: Bucket) => PromiseLike<unknown>,
  ): Promise<{ data: Data } | { failure: StorageFailure }> {
    try {
      const { data, error } = await work(this.client.from(bucket)) as Answer<Data>;
      return error === null ? { data: data as Data } : { failure: readStorageFailure(error) };
    } catch (error) {
      return { failure: readStorageFailure(error) };
    }
  }

  /** A read, made again while its failure may pass; null for a file that is not there. */
  async read<Data>(
    place: Place,
    work: (bucket: Bucket) => PromiseLike<unknown>,
    signal?: AbortSignal,
  ): Promise<Data | null> {
    const { maxAttempts, baseDelayMs, budget, clock, random } = this.limits;
    try {
      return await retryWithBackoff(async () => {
        const outcome = await this.once<Data>(place, work);
        if ("data" in outcome) return outcome.data;
        if (outcome.failure.errorType === "object_not_found") return null;
        throw new Refusal(outcome.failure);
      }, {
        maxAttempts,
        baseDelayMs,
        budget,
        shouldRetry: (error) => error instanceof Refusal && error.failure.passes,
        ...(signal === undefined ? {} : { signal }),
        clock,
        random,
      });
    } catch (error) {
      throw error instanceof Refusal ? this.fail(error.failure, place) : error;
    }
  }

  /** The file; null when there is none. */
  download(place: Place, signal?: AbortSignal): Promise<Blob | null> {
    return this.read<Blob>(
      place,
      (bucket) => bucket.download(place.key!, {}, signal === undefined ? {} : { signal }),
      signal,
    );
  }

  /** How long the file is, in bytes; null when there is none. */
  async sizeOf(place: Place): Promise<number | null> {
    const info = await this.read<{ size?: number }>(place, (bucket) => bucket.info(place.key!));
    return info === null ? null : info.size ?? -1;
  }

  /** Entries of a folder. */
  async list(place: Place, folder: string, options: { limit: number; offset: number }): Promise<Entry[]> {
    return await this.read<Entry[]>(place, (bucket) => bucket.list(folder, options)) ?? [];
  }

  /** Removes files once: by the time of a repetition another file may have the name. Returns the keys that were there. */
  async remove(place: Place, keys: string[]): Promise<string[]> {
    const outcome = await this.once<{ name: string }[]>(place, (bucket) => bucket.remove(keys));
    if ("failure" in outcome) throw this.fail(outcome.failure, place);
    return outcome.data.map(({ name }) => name);
  }

  /** The coded error of a failure; nothing above tries again for it. */
  fail(failure: StorageFailure, place: Place): HealingError {
    const coded = storageError(failure, place);
    markRetried(coded);
    if (!failure.passes && !ANSWERS.has(failure.errorType)) this.#report(coded, place);
    return coded;
  }

  #report(coded: HealingError, { bucket, operation }: Place): void {
    try {
      this.limits.report?.(coded, { bucket, operation });
    } catch {
      // Whoever listens cannot break the call.
    }
  }
}

/** Carries a failure through the retries. */
class Refusal extends Error {
  constructor(readonly failure: StorageFailure) {
    super("storage refused the call");
  }
}
