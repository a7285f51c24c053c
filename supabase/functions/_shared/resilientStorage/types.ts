/** What authors see of storage. @module */

import type { Clock } from "../core/clock.ts";
import type { HealingError } from "../core/errors.ts";
import type { Random } from "../core/random.ts";
import type { RetryBudget } from "../retry.ts";
import type { UploadBody } from "./contentType.ts";

/** A file by both of its names. */
export interface StoredName {
  bucket: string;
  /** The true name, as the author gave it. */
  name: string;
  /** The name that storage has for it: what signed addresses and other clients need. */
  key: string;
}

/** What became of an upload. */
export type UploadResult =
  /** The file is there; `wasThere` when it was before, with the same bytes. */
  | StoredName & { status: "stored"; wasThere: boolean }
  /** Another file has the name, and it is as it was. */
  | StoredName & { status: "exists" };

/** What an upload can be told. */
export interface UploadOptions {
  /** Replace the file of this name. Then an upload with an unknown outcome is never made again. */
  upsert?: boolean;
  /** What the file is; by default what its first bytes show. */
  contentType?: string;
  /** How long others may keep it, in seconds; 3,600. */
  cacheSeconds?: number;
  /** Kept beside the file. */
  metadata?: Record<string, unknown>;
}

/** Which part of a folder is listed. */
export interface ListOptions {
  /** At most 1,000; 100. */
  limit?: number;
  offset?: number;
}

/** One entry of a folder. */
export interface ListedObject extends StoredName {
  isFolder: boolean;
  /** In bytes; absent for a folder. */
  size?: number;
  contentType?: string;
  updatedAt?: string;
}

/** Files that heal. Whatever rejects is a `HealingError` with a code. */
export interface ResilientStorage {
  /** Writes a file under any name. That another file has the name already is an answer, not an error. */
  upload(bucket: string, name: string, body: UploadBody, options?: UploadOptions): Promise<UploadResult>;
  /** The file; null when there is none that the caller may see. */
  download(bucket: string, name: string, options?: { signal?: AbortSignal }): Promise<Blob | null>;
  /** A part of a folder, by true names; the bucket itself when no folder is named. */
  list(bucket: string, folder?: string, options?: ListOptions): Promise<ListedObject[]>;
  /** Removes files, and returns the names of those that were there. */
  remove(bucket: string, names: readonly string[]): Promise<string[]>;
}

/** How storage is reached. */
export interface ResilientStorageOptions {
  /** Calls in all, the first one included; 3. */
  maxAttempts?: number;
  /** The first pause before a call is made again, in milliseconds; 200. */
  baseDelayMs?: number;
  /** What repetitions are taken from; by default one of all storage in the isolate. */
  budget?: RetryBudget;
  /** Told of failures whose cause somebody has to mend, such as a bucket that nobody made. */
  report?: (failure: HealingError, place: { bucket: string; operation: "read" | "write" }) => void;
  clock?: Clock;
  random?: Random;
}
