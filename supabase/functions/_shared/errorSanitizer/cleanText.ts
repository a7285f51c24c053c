/**
 * Makes text that Postgres and JSON accept and that shows what it is: no NUL, no lone surrogate, no terminal
 * colours, no characters that are invisible or turn the direction of writing.
 *
 * @module
 */

const REPLACEMENT = "\ufffd";
const ESCAPE = "\u001b";
/** Colours and cursor moves; they would also split a secret so that no rule sees it. */
const TERMINAL_SEQUENCE = new RegExp(`${ESCAPE}\\[[0-9;?]{0,16}[A-Za-z]`, "g");
const INVISIBLE = /[\u00ad\u200b\u2060\ufeff]/g;
/** Control characters but tab and line ends, lone surrogates, and what reverses the direction of writing. */
const UNSAFE = /(?![\t\n\r])\p{Cc}|\p{Cs}|[\u202a-\u202e\u2066-\u2069]/gu;

/** Holds nothing of all that. */
const PLAIN = /^[\t\n\r\x20-\x7e]*$/;

/** The same text without characters that a database refuses or that deceive a reader. */
export function cleanText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(TERMINAL_SEQUENCE, "").replace(INVISIBLE, "").replace(UNSAFE, REPLACEMENT);
}

/** At most `length` characters from the start, never half a surrogate pair and never half a placeholder. */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text;
  const head = text.slice(0, Math.max(0, length)).replace(/[\ud800-\udbff]$/, "");
  const bracket = head.lastIndexOf("[");
  const tail = head.slice(bracket);
  const isOpen = bracket >= 0 && ("[redacted:".startsWith(tail) || /^\[redacted:[a-z-]{0,24}$/.test(tail));
  return isOpen ? head.slice(0, bracket) : head;
}
