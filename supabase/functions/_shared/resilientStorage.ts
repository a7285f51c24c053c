/**
 * Files that heal: any name, the true status, and repetitions only where they cannot harm.
 *
 * Storage answers 400 to nearly everything, refuses names with letters of most languages, and takes every file without a
 * type for plain text. Here a file has the name that its author gave it, and the key under which storage keeps it is made
 * from it in one way that can be read back. A read that failed for a moment is made again. An upload whose outcome is not
 * known is looked for first, and made again only when the file is not there and nothing could be overwritten. That a
 * file exists, or does not, is an answer. What a bucket takes, and whom its policies let in, is never changed.
 *
 * @example
 * ```ts
 * import { createResilientStorage, objectKeyOf } from "./resilientStorage.ts";
 * import { createServerClient } from "./supabaseClient.ts";
 *
 * const kept = () => Promise.resolve(Response.json({ Id: "1", Key: "files/x" }));
 * const storage = createResilientStorage(createServerClient("http://localhost", "key", kept).storage);
 * const { status, name, key } = await storage.upload("files", "anna/Übung 1.txt", "Hello");
 * if (status !== "stored" || name !== "anna/Übung 1.txt" || key !== objectKeyOf(name)) throw new Error("unexpected");
 * ```
 *
 * @module
 */

import { systemClock } from "./core/clock.ts";
import { HealingError } from "./core/errors.ts";
import { optionCheck } from "./core/options.ts";
import { systemRandom } from "./core/random.ts";
import { contentTypeOf, type UploadBody } from "./resilientStorage/contentType.ts";
import { folderKeyOf, newObjectKeyOf, objectKeyOf, objectNameOf } from "./resilientStorage/objectKey.ts";
import { type CallLimits, type Place, StorageCalls } from "./resilientStorage/calls.ts";
import type {
  ListedObject,
  ListOptions,
  ResilientStorage,
  ResilientStorageOptions,
} from "./resilientStorage/types.ts";
import { upload } from "./resilientStorage/upload.ts";
import { budgetOf } from "./retry.ts";
import type { SupabaseClient } from "./supabaseClient.ts";

export type { UploadBody } from "./resilientStorage/contentType.ts";
export { objectKeyOf, objectNameOf } from "./resilientStorage/objectKey.ts";
export type {
  ListedObject,
  ListOptions,
  ResilientStorage,
  ResilientStorageOptions,
  StoredName,
  UploadOptions,
  UploadResult,
} from "./resilientStorage/types.ts";

const checkOption = optionCheck("create resilient storage");
const MOST_LISTED = 1_000;

/** Makes storage over a client, with that client's rights. Throws a `RangeError` for an option that makes no sense. */
export function createResilientStorage(
  client: SupabaseClient["storage"],
  options: ResilientStorageOptions = {},
): ResilientStorage {
  const calls = new StorageCalls(client, limitsOf(options));
  return {
    async upload(bucket, name, body, options = {}) {
      const place: Place = { bucket: bucketOf(bucket), key: newObjectKeyOf(name), operation: "write" };
      const contentType = options.contentType ?? await contentTypeOf(bodyOf(body));
      return await upload(calls, place, body, { ...options, contentType });
    },
    async download(bucket, name, { signal } = {}) {
      const place: Place = { bucket: bucketOf(bucket), key: objectKeyOf(name), operation: "read" };
      return await calls.download(place, signal);
    },
    list: async (bucket, folder = "", options = {}) =>
      await list(calls, bucketOf(bucket), folderKeyOf(folder), options),
    async remove(bucket, names) {
      const keys = [...new Set(names.map(objectKeyOf))];
      if (keys.length === 0) return [];
      const removed = await calls.remove({ bucket: bucketOf(bucket), operation: "write" }, keys);
      return removed.map(objectNameOf);
    },
  };
}

function limitsOf(options: ResilientStorageOptions): CallLimits {
  const { maxAttempts = 3, baseDelayMs = 200 } = options;
  const isCount = Number.isInteger(maxAttempts) && maxAttempts >= 1;
  checkOption("maxAttempts", maxAttempts, isCount, "a whole number >= 1");
  checkOption("baseDelayMs", baseDelayMs, Number.isFinite(baseDelayMs) && baseDelayMs >= 0, "a number >= 0");
  return {
    maxAttempts,
    baseDelayMs,
    budget: options.budget ?? budgetOf("storage"),
    report: options.report,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
  };
}

async function list(
  calls: StorageCalls,
  bucket: string,
  folder: string,
  { limit = 100, offset = 0 }: ListOptions,
): Promise<ListedObject[]> {
  checkRange("limit", limit, Number.isInteger(limit) && limit >= 1 && limit <= MOST_LISTED);
  checkRange("offset", offset, Number.isInteger(offset) && offset >= 0);
  const entries = await calls.list({ bucket, operation: "read" }, folder, { limit, offset });
  return entries.map(({ name, id, metadata, updated_at }) => {
    const key = folder === "" ? name : `${folder}/${name}`;
    return {
      bucket,
      name: objectNameOf(key),
      key,
      isFolder: id === null,
      ...(typeof metadata?.size === "number" ? { size: metadata.size } : {}),
      ...(typeof metadata?.mimetype === "string" ? { contentType: metadata.mimetype } : {}),
      ...(updated_at ? { updatedAt: updated_at } : {}),
    };
  });
}

function checkRange(key: string, value: number, holds: boolean): void {
  if (holds) return;
  throw new HealingError(
    "BAD_REQUEST",
    `Cannot list a folder as "${key}" makes no sense: current value is ${value}`,
    {
      hint: `limit is a whole number from 1 to ${MOST_LISTED}, offset one from 0`,
    },
  );
}

/** A bucket's name is part of an address: one with a `/` would reach into another. */
function bucketOf(bucket: string): string {
  if (
    typeof bucket === "string" && /^[\w!\-.*'() &$@=;:+,]{1,100}$/.test(bucket) && !/^\.{1,2}$/.test(bucket)
  ) return bucket;
  throw new HealingError("BAD_REQUEST", "Cannot use a bucket of this name", {
    hint: "A bucket has 1 to 100 plain letters, digits and signs, and no /",
  });
}

function bodyOf(body: UploadBody): UploadBody {
  if (
    typeof body === "string" || body instanceof Blob || body instanceof ArrayBuffer ||
    body instanceof Uint8Array ||
    body instanceof ReadableStream
  ) return body;
  throw new HealingError("BAD_REQUEST", "Cannot upload what is no text, no bytes, no Blob and no stream", {
    hint: "Send JSON.stringify(value) for an object",
  });
}
