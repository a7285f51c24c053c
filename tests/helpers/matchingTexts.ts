/** Texts made from a pattern, so that it is met in all of its forms. @module */

import { fc } from "./property.ts";

/**
 * Texts that the pattern matches but for what it asks of its neighbours, which the generator cannot follow; undefined
 * where it cannot follow the pattern at all.
 */
export function textsMatching(pattern: RegExp): fc.Arbitrary<string> | undefined {
  try {
    const plain = withoutLooks(pattern.source);
    const texts = fc.stringMatching(new RegExp(plain, pattern.flags.replace(/[giy]/g, "")));
    fc.sample(texts, 1);
    return texts;
  } catch {
    return undefined;
  }
}

/** The pattern without looks ahead and behind, and without ends of words. */
function withoutLooks(source: string): string {
  let plain = "";
  for (let at = 0; at < source.length;) {
    const token = tokenAt(source, at);
    if (/^\(\?<?[=!]/.test(source.slice(at, at + 4))) at = endOfGroup(source, at);
    else {
      plain += token === "\\b" ? "" : token;
      at += token.length;
    }
  }
  return plain;
}

function endOfGroup(source: string, start: number): number {
  let depth = 0;
  for (let at = start; at < source.length;) {
    const token = tokenAt(source, at);
    at += token.length;
    if (token === "(") depth += 1;
    if (token === ")") depth -= 1;
    if (depth === 0) return at;
  }
  return source.length;
}

/** An escaped sign, a class, or one sign. */
function tokenAt(source: string, at: number): string {
  return /\\[^]|\[(?:\\[^]|[^\]\\])*\]|[^]/y.exec(source.slice(at))![0];
}
