/**
 * The learning network: what a project has learned, for others, and what others have learned, for this one.
 *
 * What leaves is signed and says nothing of where it comes from: a pattern is exported only when every word of its
 * signature and every parameter of its fix is a slot or a word of a closed list. What comes in is checked as if an
 * enemy had written it, is stored without evidence at score 0.5, and never changes what is known here. It is listed for
 * a person when nothing else knows the error, and has to earn everything else.
 *
 * @example
 * ```ts
 * import { createPatternKey } from "./patternSharing.ts";
 *
 * const { publicKey } = await createPatternKey();
 * if (!publicKey.startsWith("ed25519:")) throw new Error(publicKey);
 * ```
 *
 * @module
 */

import { type Clock, systemClock } from "./core/clock.ts";
import { HealingError } from "./core/errors.ts";
import { type Random, systemRandom } from "./core/random.ts";
import { sha256 } from "./core/sha256.ts";
import {
  getHealingSettings,
  getShareablePatterns,
  type RpcPort,
  type ShareablePattern,
  storePatternImport,
} from "./healingDb.ts";
import {
  MAX_DAYS,
  MAX_PATTERNS,
  type PatternDocument,
  readDocument,
  type SharedPattern,
  signedTextOf,
  whyNotShared,
} from "./patternSharing/document.ts";
import { isSignedBy, publicKeyOf, signText } from "./patternSharing/keys.ts";

export { createPatternKey, type PatternKey } from "./patternSharing/keys.ts";

/** What an export is given. */
export interface ExportOptions {
  /** The private half of `createPatternKey`. */
  privateKey: string;
  /** Days for which the document holds; 30, at most 90. */
  validDays?: number;
  clock?: Clock;
  random?: Random;
}

/** What goes out, and why other patterns stay. */
export interface PatternExport {
  /** The signed document; null when no pattern may leave. */
  document: string | null;
  exported: number;
  /** How many patterns stay, by the reason. */
  withheld: Record<string, number>;
}

/** Signs the trusted patterns that name nothing, at most 200. */
export async function exportPatterns(db: RpcPort, options: ExportOptions): Promise<PatternExport> {
  const { privateKey, validDays = 30, clock = systemClock, random = systemRandom } = options;
  if (!(validDays > 0 && validDays <= MAX_DAYS)) {
    throw new RangeError(
      `Cannot export patterns as "validDays" must be > 0 and <= ${MAX_DAYS}: current value is ${validDays}`,
    );
  }
  const { patterns, withheld } = anonymise(await getShareablePatterns(db));
  if (patterns.length === 0) return { document: null, exported: 0, withheld };
  const issuedAt = clock.now();
  const unsigned: Omit<PatternDocument, "signature"> = {
    format: "self-healing-patterns",
    version: 1,
    issuer_key: await publicKeyOf(privateKey),
    document_id: random.uuid(),
    issued_at: new Date(issuedAt).toISOString(),
    expires_at: new Date(issuedAt + validDays * 86_400_000).toISOString(),
    patterns,
  };
  const signature = await signText(signedTextOf({ ...unsigned, signature: "" }), privateKey);
  return { document: JSON.stringify({ ...unsigned, signature }), exported: patterns.length, withheld };
}

/** What an import is given. */
export interface ImportOptions {
  clock?: Clock;
}

/** What came of an import. */
export interface PatternImport {
  importId: string;
  /** Patterns that were not known here. */
  added: number;
  /** Patterns that were, and stay as they are. */
  known: number;
  /** True when this document had been imported before; nothing was changed. */
  replayed: boolean;
}

/**
 * Verifies a document and stores its patterns, all or none. Refuses with PAYLOAD_TOO_LARGE, JSON_TOO_DEEP, JSON_INVALID,
 * BAD_REQUEST (form, time), FORBIDDEN (key, signature), FIX_REFUSED (kinds, words) or CONFLICT (a changed document).
 */
export async function importPatterns(
  db: RpcPort,
  text: string,
  { clock = systemClock }: ImportOptions = {},
): Promise<PatternImport> {
  const document = readDocument(text);
  await requireSignature(db, document);
  requireTime(document, clock);
  document.patterns.forEach(requireShared);
  const { issuer_key, document_id, issued_at, expires_at, patterns } = document;
  const stored = await storePatternImport(db, {
    issuer_key,
    document_id,
    document_sha256: await sha256(signedTextOf(document)),
    issued_at,
    expires_at,
    patterns: patterns as ShareablePattern[],
  });
  return {
    importId: stored.id,
    added: stored.new_count,
    known: stored.pattern_count - stored.new_count,
    replayed: stored.replayed,
  };
}

function anonymise(stored: readonly ShareablePattern[]): {
  patterns: SharedPattern[];
  withheld: Record<string, number>;
} {
  const withheld: Record<string, number> = {};
  const patterns = stored.flatMap((pattern): SharedPattern[] => {
    const reason = whyNotShared(pattern);
    if (reason === null) return [asShared(pattern)];
    withheld[reason] = (withheld[reason] ?? 0) + 1;
    return [];
  });
  // By what they say, so that their order tells nothing of when and how well they were learned.
  const ordered = patterns.slice(0, MAX_PATTERNS).sort((a, b) =>
    JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
  );
  return { patterns: ordered, withheld };
}

function asShared({ error_signature, fix_strategy, category }: ShareablePattern): SharedPattern {
  return { error_signature, fix_strategy, category } as SharedPattern;
}

async function requireSignature(db: RpcPort, document: PatternDocument): Promise<void> {
  const { trusted_pattern_keys: setting } = await getHealingSettings(db);
  const trusted: unknown = setting?.wanted;
  if (!Array.isArray(trusted) || !trusted.includes(document.issuer_key)) {
    throw new HealingError("FORBIDDEN", "The key of this document is not trusted here", {
      hint: "An admin adds it: select change_healing_setting('trusted_pattern_keys', ...)",
    });
  }
  if (!await isSignedBy(signedTextOf(document), document.signature, document.issuer_key)) {
    throw new HealingError("FORBIDDEN", "The signature of this document does not fit", {
      hint: "It was changed on its way, or another key signed it; ask its issuer",
    });
  }
}

function requireTime({ issued_at, expires_at }: PatternDocument, clock: Clock): void {
  const now = clock.now();
  const [issued, expires] = [Date.parse(issued_at), Date.parse(expires_at)];
  if (issued <= now + 300_000 && expires > now && expires - issued <= MAX_DAYS * 86_400_000) return;
  throw new HealingError("BAD_REQUEST", "The document has expired, or its times cannot be", {
    hint: `Ask for a new one; a document holds for at most ${MAX_DAYS} days`,
  });
}

function requireShared(pattern: SharedPattern): void {
  const reason = whyNotShared({ ...pattern, fix_strategy: { kind: "", ...pattern.fix_strategy } });
  if (reason === null) return;
  throw new HealingError("FIX_REFUSED", `A pattern of the document is refused: ${reason}`, {
    hint: "Nothing of the document was imported",
  });
}
