/** Tells what a machine made up (ids, hashes, encoded bytes) from words that a person chose. @module */

/** True for what was generated or counted: three digits and more, a hash, a mix of letters and digits. */
export function isVariable(segment: string): boolean {
  if (/^\d{3,}$/.test(segment) || /\d{5,}/.test(segment)) return true;
  if (/^[0-9a-f]{7,}$/i.test(segment)) return /\d/.test(segment) && /[a-f]/i.test(segment);
  const digits = segment.match(/\d/g)?.length ?? 0;
  if (segment.length >= 10 && digits >= 2) {
    return (segment.match(/[a-z](?=\d)|\d(?=[a-z])/gi)?.length ?? 0) >= 3 || isMixed(segment, digits);
  }
  return segment.length >= 16 && !/[a-z]{7}|_/.test(segment) && changesOfCase(segment) >= 5;
}

/** As {@link isVariable}, for what stands where an id is expected: a mix of both cases and a digit is enough. */
export function isGenerated(word: string): boolean {
  return isVariable(word) || /\d/.test(word) && /[a-z]/.test(word) && /[A-Z]/.test(word) ||
    word.length >= 10 && changesOfCase(word) >= 4 && !/[a-z]{5}/.test(word) ||
    word.length >= 8 && (word.match(/[a-z](?=\d)|\d(?=[a-z])/gi)?.length ?? 0) >= 3;
}

/** True for base64 and the like: characters of every class in no order. */
export function isEncoded(text: string): boolean {
  if (!/\d/.test(text) || !/[a-z]/.test(text) || !/[A-Z]/.test(text)) return false;
  const changes = text.match(/[a-z](?=[A-Z0-9])|[A-Z](?=[a-z0-9])|\d(?=[A-Za-z])/g)?.length ?? 0;
  return changes >= text.length * 0.25 && !/(?:^|[/_-])[a-z]{6,}(?:$|[/_-])/.test(text);
}

function isMixed(segment: string, digits: number): boolean {
  return segment.length >= 16 && digits >= 2 && /[a-z]/.test(segment) && /[A-Z]/.test(segment);
}

function changesOfCase(text: string): number {
  return text.match(/[a-z](?=[A-Z])/g)?.length ?? 0;
}
