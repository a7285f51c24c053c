/** One upload: what its outcome is where storage does not say, and whether it may be made again. @module */

import type { HealingError } from "../core/errors.ts";
import type { Place, StorageCalls } from "./calls.ts";
import type { UploadBody } from "./contentType.ts";
import type { StorageFailure } from "./failure.ts";
import { objectNameOf } from "./objectKey.ts";
import type { UploadOptions, UploadResult } from "./types.ts";

/** The largest file that is read back to be compared, in bytes: an isolate has little memory. */
const MOST_COMPARED = 20_000_000;

/** Writes the file, once whatever happens. */
export async function upload(
  calls: StorageCalls,
  place: Place,
  body: UploadBody,
  options: UploadOptions & { contentType: string },
): Promise<UploadResult> {
  const end = calls.limits.budget.start();
  try {
    return await uploadOnce(calls, place, body, options);
  } finally {
    end();
  }
}

async function uploadOnce(
  calls: StorageCalls,
  place: Place,
  body: UploadBody,
  options: UploadOptions & { contentType: string },
): Promise<UploadResult> {
  const { maxAttempts, baseDelayMs, budget, clock, random } = calls.limits;
  const names = { bucket: place.bucket, name: objectNameOf(place.key!), key: place.key! };
  const stored = (wasThere: boolean): UploadResult => ({ ...names, status: "stored", wasThere });
  for (let attempt = 1;; attempt++) {
    const outcome = await send(calls, place, body, options);
    if (outcome === null) return stored(false);
    if (outcome.errorType === "object_exists") {
      return await holdsSame(calls, place, body) ? stored(attempt === 1) : { ...names, status: "exists" };
    }
    // What may have replaced a file cannot be looked for, and a stream has gone with the first attempt.
    const isOver = !outcome.passes || options.upsert === true || body instanceof ReadableStream;
    if (isOver) throw calls.fail(outcome, place);
    // Nothing is sent again before it is known that the file is not there.
    const found = await look(calls, place, body, outcome);
    if (found === "same") return stored(false);
    if (found === "other") return { ...names, status: "exists" };
    if (attempt >= maxAttempts || !budget.take(clock.monotonic())) throw calls.fail(outcome, place);
    await clock.sleep(random.next() * baseDelayMs * 2 ** (attempt - 1));
  }
}

/** Null when it is stored. */
async function send(
  calls: StorageCalls,
  place: Place,
  body: UploadBody,
  { contentType, upsert = false, cacheSeconds = 3_600, metadata }: UploadOptions & { contentType: string },
): Promise<StorageFailure | null> {
  // The client takes a Blob's own type, whatever it is told beside.
  const file = body instanceof Blob ? body.slice(0, body.size, contentType) : body;
  const outcome = await calls.once(place, (bucket) =>
    bucket.upload(place.key!, file, {
      contentType,
      upsert,
      cacheControl: String(cacheSeconds),
      ...(metadata === undefined ? {} : { metadata }),
    }));
  return "failure" in outcome ? outcome.failure : null;
}

/** What is there under the key; rejects with the failure of the upload when that cannot be seen. */
async function look(
  calls: StorageCalls,
  place: Place,
  body: UploadBody,
  failure: StorageFailure,
): Promise<"same" | "other" | "nothing"> {
  let size: number | null;
  try {
    size = await calls.sizeOf({ ...place, operation: "read" });
  } catch {
    throw unknownOutcome(calls.fail(failure, place));
  }
  if (size === null) return "nothing";
  return await holdsSame(calls, place, body) ? "same" : "other";
}

function unknownOutcome(error: HealingError): HealingError {
  return Object.assign(error, {
    hint: "It is not known whether the file was stored: look for it before you send it again",
  });
}

/** True when the file that is there has exactly these bytes; what cannot be seen is not the same. */
async function holdsSame(calls: StorageCalls, place: Place, body: UploadBody): Promise<boolean> {
  if (body instanceof ReadableStream) return false;
  const mine = body instanceof Blob ? body : new Blob([body as BlobPart]);
  if (mine.size > MOST_COMPARED) return false;
  try {
    const seen = { ...place, operation: "read" as const };
    if (await calls.sizeOf(seen) !== mine.size) return false;
    const theirs = await calls.download(seen);
    return theirs !== null && theirs.size === mine.size && await areEqual(mine, theirs);
  } catch {
    return false;
  }
}

async function areEqual(one: Blob, other: Blob): Promise<boolean> {
  const [a, b] = await Promise.all([one.arrayBuffer(), other.arrayBuffer()]);
  const [mine, theirs] = [new Uint8Array(a), new Uint8Array(b)];
  return mine.every((byte, place) => byte === theirs[place]);
}
