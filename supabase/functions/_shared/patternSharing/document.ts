/** The form of a document of shared patterns, and how a text from outside becomes one. @module */

import { HealingError } from "../core/errors.ts";
import type { ActionDraft } from "../core/fixes.ts";
import type { Json } from "../core/ports.ts";
import { z } from "../core/validation.ts";
import { parseFixAction } from "../fixActions.ts";
import { canonicalJson } from "./canonicalJson.ts";
import { isSharedSignature, isSharedWord } from "./vocabulary.ts";

/** Patterns in one document, at most. */
export const MAX_PATTERNS = 200;
/** Days for which a document holds, at most. */
export const MAX_DAYS = 90;
/** Two hundred patterns are a tenth of it. */
const MAX_CHARACTERS = 400_000;
const MAX_DEPTH = 6;
const FORBIDDEN_KEYS: readonly string[] = ["__proto__", "constructor", "prototype"];

const CATEGORIES = [
  "database",
  "migration",
  "payload",
  "auth",
  "storage",
  "network",
  "ai",
  "runtime",
  "deployment",
  "unknown",
] as const;

const pattern = z.strictObject({
  error_signature: z.string().min(1).max(500),
  fix_strategy: z.record(z.string().regex(/^[a-zA-Z_]{1,40}$/), z.string().max(63)),
  category: z.enum(CATEGORIES),
});

const document = z.strictObject({
  format: z.literal("self-healing-patterns"),
  version: z.literal(1),
  issuer_key: z.string().max(200),
  document_id: z.uuid(),
  issued_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
  patterns: z.array(pattern).min(1).max(MAX_PATTERNS),
  signature: z.string().max(200),
});

/** A signed document. */
export type PatternDocument = z.infer<typeof document>;
/** A pattern as it is shared: no name, no evidence, nothing but slots and words of the closed list. */
export type SharedPattern = z.infer<typeof pattern>;

/** Why a pattern names something that must not leave the project, or null. */
export function whyNotShared(draft: {
  error_signature: string;
  fix_strategy: ActionDraft;
  category: string;
}): string | null {
  if (!(CATEGORIES as readonly string[]).includes(draft.category)) return "its category is of no known kind";
  if (!isSharedSignature(draft.error_signature)) {
    return "its signature holds a word that could name something";
  }
  const { kind: _, ...parameters } = draft.fix_strategy;
  const isClosed = Object.values(parameters).every((value) =>
    typeof value === "string" && isSharedWord(value)
  );
  if (!isClosed) return "a parameter of its fix is neither a slot nor a known word";
  try {
    parseFixAction(withNames(draft.fix_strategy));
    return null;
  } catch {
    return "its fix is of no known kind, or its parameters do not fit";
  }
}

/** As some error would fill it: kinds know names, not slots. */
function withNames(strategy: ActionDraft): Record<string, Json> {
  const entries = Object.entries(strategy).map(([key, value]): [string, Json] => [
    key,
    typeof value === "string" ? value.replace(/^\$(?=\d)/, "name_") : value,
  ]);
  return Object.fromEntries(entries);
}

/** Reads a document from outside; throws a coded error that repeats nothing of it. */
export function readDocument(text: string): PatternDocument {
  if (text.length > MAX_CHARACTERS) {
    throw new HealingError("PAYLOAD_TOO_LARGE", "The document of patterns is too large", {
      hint: `At most ${MAX_CHARACTERS} characters and ${MAX_PATTERNS} patterns`,
    });
  }
  if (depthOf(text) > MAX_DEPTH) {
    throw new HealingError("JSON_TOO_DEEP", "The document of patterns is nested too deep", {
      hint: `At most ${MAX_DEPTH} levels`,
    });
  }
  const parsed = document.safeParse(withoutForbiddenKeys(parse(text)));
  if (!parsed.success) {
    const places = parsed.error.issues.slice(0, 3).map(({ code }) => code).join(", ");
    throw new HealingError("BAD_REQUEST", `The document of patterns does not have its form: ${places}`, {
      hint: "It has to be what exportPatterns() wrote, unchanged",
    });
  }
  return parsed.data;
}

/** The text that is signed: everything but the signature. */
export function signedTextOf({ signature: _, ...unsigned }: PatternDocument): string {
  return canonicalJson(unsigned);
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new HealingError("JSON_INVALID", "The document of patterns is no JSON", {
      hint: "It has to be what exportPatterns() wrote, unchanged",
    });
  }
}

/** Before anything copies them. The depth is bounded, so this may call itself. */
function withoutForbiddenKeys(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  for (const [key, inner] of Object.entries(value)) {
    if (FORBIDDEN_KEYS.includes(key)) {
      throw new HealingError("BAD_REQUEST", "The document of patterns has a key that no document has", {
        hint: "It has to be what exportPatterns() wrote, unchanged",
      });
    }
    withoutForbiddenKeys(inner as Json);
  }
  return value;
}

/** The deepest nesting, read without parsing: a parser might not survive what this finds. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isInString) {
      if (character === "\\") at++;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === "{" || character === "[") deepest = Math.max(deepest, ++depth);
    else if (character === "}" || character === "]") depth--;
  }
  return deepest;
}
