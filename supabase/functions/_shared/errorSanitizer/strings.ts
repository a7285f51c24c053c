/**
 * Sanitises one string: cap, clean, redact, cut. In this order, so that a cut never leaves half a secret.
 *
 * @module
 */

import { cleanText, cutText } from "./cleanText.ts";
import { redactText } from "./redactText.ts";

/** The longest result without an option. */
export const DEFAULT_MAX_LENGTH = 65_536;
const MAX_SCANNED = 65_536;
/** Dropped again from the end of a text that was capped: a secret that the cap cut in two lies in it. */
const OVERLAP = 4_096;
/** A cut may make something look like a secret that was none, so the result is looked at again. */
const MAX_CUTS = 4;

/** The text without secrets and without characters that a database refuses; at most `maxLength` characters. */
export function sanitizeString(text: string, maxLength: number = DEFAULT_MAX_LENGTH): string {
  const limit = Number.isFinite(maxLength) ? Math.max(0, Math.floor(maxLength)) : DEFAULT_MAX_LENGTH;
  if (text.length <= limit && knownClean.has(text)) return text;
  const clean = sanitizeNew(text, limit);
  remember(clean);
  return clean;
}

/**
 * Texts that came out of here lately: an error passes several times, and its frames come with every other error. Only
 * what is clean is kept, so that no secret stays in memory.
 */
const knownClean = new Set<string>();
const MOST_KNOWN = 2_000;
const LONGEST_KNOWN = 1_000;

function remember(clean: string): void {
  if (clean.length > LONGEST_KNOWN) return;
  if (knownClean.size >= MOST_KNOWN) knownClean.clear();
  knownClean.add(clean);
}

function sanitizeNew(text: string, limit: number): string {
  const window = Math.min(MAX_SCANNED, 4 * limit + 2 * OVERLAP);
  const isCapped = text.length > window;
  let result = redactText(cleanText(isCapped ? text.slice(0, window) : text));
  if (isCapped) result = cutText(result, result.length - OVERLAP);
  if (!isCapped && result.length <= limit) return result;
  const note = noteOf(text.length, limit);
  for (let cut = 0; cut < MAX_CUTS; cut += 1) {
    const next = redactText(cutText(result, limit - note.length) + note);
    if (next.length <= limit) return next;
    result = next;
  }
  return cutText(note, limit);
}

function noteOf(length: number, limit: number): string {
  const note = `… [cut, ${length} characters in all]`;
  return note.length * 2 <= limit ? note : limit > 1 ? "…" : "";
}
