/**
 * Replies that may be given again: only to calls that ask for it, and each to its subject alone.
 *
 * The key is a hash of everything that shapes the reply; the subject's hash is a second part of it, so that no
 * request, however alike, can find another subject's reply. A reply that seems to hold a secret or personal data is
 * not kept.
 *
 * @module
 */

import { runInBackground } from "../core/background.ts";
import { sha256 } from "../core/sha256.ts";
import { type AiReplyKey, findAiReply, type RpcPort, storeAiReply } from "../healingDb.ts";
import { withTimeout } from "../timeout.ts";
import { byteLength, type Prepared } from "./body.ts";
import type { AiCacheWish } from "./types.ts";

/** The database has this long for a cached reply before the model is asked. */
const DATABASE_MS = 1_000;
const MAX_BYTES = 262_144;

/** The hash of a request: equal for equal requests to the same models. */
export function fingerprintOf(prepared: Prepared, models: readonly string[]): Promise<string> {
  const { messages, maxOutputTokens, responseFormat, request: { temperature, parameters } } = prepared;
  const shape = [models, messages, maxOutputTokens, temperature ?? null, responseFormat ?? null];
  return sha256(JSON.stringify(parameters === undefined ? shape : [...shape, parameters]));
}

/** Throws a `TypeError` or `RangeError` for a wish that could give a reply to the wrong subject. */
export function checkWish(wish: AiCacheWish): void {
  if (!(wish.ttlSeconds >= 1 && wish.ttlSeconds <= 2_592_000)) {
    throw new RangeError(
      `Cannot cache a reply as "ttlSeconds" must be 1 to 2,592,000: current value is ${wish.ttlSeconds}`,
    );
  }
  const isImpersonal = "isImpersonal" in wish && wish.isImpersonal === true;
  const hasSubject = "subject" in wish && typeof wish.subject === "string" && wish.subject.trim() !== "";
  if (isImpersonal !== hasSubject) return;
  throw new TypeError(
    "Cannot cache a reply without knowing whose it is: give a subject, or isImpersonal: true",
  );
}

/** The cache of one client, for one wish. */
export class ReplyCache {
  private constructor(
    private readonly db: RpcPort,
    private readonly wish: AiCacheWish,
    private readonly key: AiReplyKey,
  ) {}

  /** Undefined when nothing is to be cached. */
  static async open(
    db: RpcPort | undefined,
    wish: AiCacheWish | undefined,
    fingerprint: string,
  ): Promise<ReplyCache | undefined> {
    if (wish !== undefined) checkWish(wish);
    if (db === undefined || wish === undefined) return undefined;
    const subject_hash = "subject" in wish ? await sha256(JSON.stringify(wish.subject)) : "";
    return new ReplyCache(db, wish, { fingerprint, subject_hash });
  }

  /** The reply, if there is one; a database that fails or hangs has none. */
  async find(
    about: { purpose: string; function_name: string },
  ): Promise<{ model: string; reply: string } | undefined> {
    try {
      const find = () => findAiReply(this.db, { ...this.key, ...about });
      const found = await withTimeout(find, DATABASE_MS, { operation: "AI cache" });
      const isReply = typeof found?.reply === "string" && typeof found.model === "string";
      return isReply ? found : undefined;
    } catch {
      return undefined;
    }
  }

  /** Keeps a reply in the background. */
  store(model: string, reply: string): void {
    if (reply.includes("\0") || !reply.isWellFormed() || byteLength(reply) > MAX_BYTES) return;
    runInBackground(async () => {
      const { sanitizeText } = await import("../errorSanitizer.ts");
      if (sanitizeText(reply, { maxLength: MAX_BYTES }) !== reply) return;
      await storeAiReply(this.db, {
        ...this.key,
        model,
        reply,
        ttl_seconds: Math.floor(this.wish.ttlSeconds),
      });
    });
  }
}
