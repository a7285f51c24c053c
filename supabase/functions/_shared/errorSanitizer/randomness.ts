/** Tells a machine-made token from a word, a class name or a path. @module */

/** True for at least 16 characters that mix kinds of characters as generated tokens do and words do not. */
export function looksRandom(value: string): boolean {
  if (value.length < 16 || /[a-z]{10}/.test(value)) return false;
  const hasDigit = /\d/.test(value);
  if (/^[0-9a-f]+$/i.test(value)) {
    return hasDigit && /[a-f]/i.test(value) && value.length >= 24;
  }
  return hasDigit ? /[A-Za-z]/.test(value) : countCaseChanges(value) >= 4;
}

/** True for a token such as `sk-…`: a digit and either mixed case or one long run without a hyphen. */
export function looksLikeKeyBody(value: string): boolean {
  if (!/\d/.test(value)) return false;
  return (/[a-z]/.test(value) && /[A-Z]/.test(value)) ||
    /[A-Za-z0-9]{16}/.test(value);
}

function countCaseChanges(value: string): number {
  return value.match(/[a-z][A-Z]|[A-Z][a-z]/g)?.length ?? 0;
}
