/**
 * Masks secrets so that they can be put back: for a text that has to come home unchanged, such as code.
 *
 * What a secret is says the same detection that sanitises; here each one is replaced by a name that stands for it
 * alone. Nothing else of the text is touched: no character is cleaned, nothing is cut.
 *
 * @module
 */

import { type Random, systemRandom } from "../core/random.ts";
import { redactText } from "./redactText.ts";

/** A text whose secrets have names. */
export interface MaskedText {
  text: string;
  /** The secret behind each name. */
  secrets: ReadonlyMap<string, string>;
  /** Puts the secrets back into any text that uses the names. */
  unmask(text: string): string;
}

const PLACEHOLDER = /\[redacted(?::[a-z-]{1,24})?\]/;

/** The masked text; null when the secrets that were found cannot be told from the rest, so that nothing may leave. */
export function maskSecretsIn(text: string, random: Random = systemRandom): MaskedText | null {
  const spans = secretSpans(text);
  if (spans === null) return null;
  const prefix = prefixFor(text, random);
  const names = new Map<string, string>();
  let masked = "";
  let position = 0;
  for (const { start, end } of spans) {
    const secret = text.slice(start, end);
    if (!names.has(secret)) names.set(secret, `${prefix}_${names.size + 1}_`);
    masked += text.slice(position, start) + names.get(secret)!;
    position = end;
  }
  masked += text.slice(position);
  const secrets = new Map([...names].map(([secret, name]) => [name, secret]));
  const unmask = (other: string) =>
    secrets.size === 0
      ? other
      : other.replace(new RegExp(`${prefix}_\\d+_`, "g"), (name) => secrets.get(name) ?? name);
  // What the names hide must be all of it: a second look finds nothing, and the way back is exact.
  return unmask(masked) === text && isClean(masked, prefix) ? { text: masked, secrets, unmask } : null;
}

/** Between the literal parts of the redacted text lie the secrets. */
function secretSpans(text: string): { start: number; end: number }[] | null {
  const parts = redactText(text).split(PLACEHOLDER);
  if (parts.length === 1) return [];
  const spans: { start: number; end: number }[] = [];
  if (!text.startsWith(parts[0]!)) return null;
  let position = parts[0]!.length;
  for (const [index, part] of parts.slice(1).entries()) {
    const isLast = index === parts.length - 2;
    // An empty part between two secrets makes them one.
    if (part === "" && !isLast) continue;
    const at = isLast ? text.length - part.length : text.indexOf(part, position + 1);
    if (at < position || !text.startsWith(part, at)) return null;
    spans.push({ start: position, end: at });
    position = at + part.length;
  }
  return spans.filter(({ start, end }) => end > start);
}

/** A name that says it is secret makes its value look like one, so the names of this text are taken for placeholders. */
function isClean(masked: string, prefix: string): boolean {
  const plain = masked.replace(new RegExp(`${prefix}_\\d+_`, "g"), "[redacted]");
  return redactText(plain) === plain;
}

function prefixFor(text: string, random: Random): string {
  for (;;) {
    const prefix = `MASKED_${random.uuid().replaceAll("-", "").slice(0, 8)}`;
    if (!text.includes(prefix)) return prefix;
  }
}
