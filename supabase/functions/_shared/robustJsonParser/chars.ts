/**
 * Character codes and the classes that the parser decides by.
 *
 * @module
 */

/** Tab. */
export const TAB = 9;
/** Line feed. */
export const NEWLINE = 10;
/** Carriage return. */
export const RETURN = 13;
/** Space. */
export const SPACE = 32;
/** `"`. */
export const QUOTE = 34;
/** `#`. */
export const HASH = 35;
/** `'`. */
export const APOSTROPHE = 39;
/** `(`. */
export const OPEN_TUPLE = 40;
/** `)`. */
export const CLOSE_TUPLE = 41;
/** `+`. */
export const PLUS = 43;
/** `,`. */
export const COMMA = 44;
/** `-`. */
export const MINUS = 45;
/** `.`. */
export const DOT = 46;
/** `/`. */
export const SLASH = 47;
/** `0`. */
export const ZERO = 48;
/** `9`. */
export const NINE = 57;
/** `:`. */
export const COLON = 58;
/** `;`. */
export const SEMICOLON = 59;
/** `=`. */
export const EQUALS = 61;
/** `>`. */
export const GREATER = 62;
/** `[`. */
export const OPEN_ARRAY = 91;
/** A backslash. */
export const BACKSLASH = 92;
/** `]`. */
export const CLOSE_ARRAY = 93;
/** `_`. */
export const UNDERSCORE = 95;
/** A backtick. */
export const BACKTICK = 96;
/** `{`. */
export const OPEN_OBJECT = 123;
/** `}`. */
export const CLOSE_OBJECT = 125;
/** The ellipsis that is one character. */
export const ELLIPSIS = 0x2026;
/** The full-width comma. */
export const WIDE_COMMA = 0xff0c;
/** The full-width colon. */
export const WIDE_COLON = 0xff1a;
/** The full-width semicolon. */
export const WIDE_SEMICOLON = 0xff1b;

/** The four characters that JSON itself calls whitespace. */
export function isPlainSpace(code: number): boolean {
  return code === SPACE || code === NEWLINE || code === RETURN || code === TAB;
}

/** Whitespace that JSON does not know but that models write between tokens: no-break, zero-width, wide, BOM. */
export function isOddSpace(code: number): boolean {
  if (code < 0xa0) return code === 11 || code === 12;
  return code === 0xa0 || code === 0xad || code === 0x1680 || code === 0x180e ||
    (code >= 0x2000 && code <= 0x200f) || code === 0x2028 || code === 0x2029 ||
    code === 0x202f || (code >= 0x205f && code <= 0x2064) || code === 0x3000 || code === 0xfeff;
}

/** A decimal digit. */
export function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

/** A character of a word: letters of any script, digits, `_` and `$`. */
export function isWordCode(code: number): boolean {
  if (code < 128) {
    return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) ||
      isDigit(code) || code === UNDERSCORE || code === 36;
  }
  return !isOddSpace(code) && !isSmartQuote(code) && code !== ELLIPSIS &&
    code !== WIDE_COMMA &&
    code !== WIDE_COLON && code !== WIDE_SEMICOLON && code !== 0x3001 && code !== 0x3002;
}

/** A hexadecimal digit. */
export function isHexDigit(code: number): boolean {
  return isDigit(code) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70);
}

/** `}` or `]`. */
export function isCloser(code: number): boolean {
  return code === CLOSE_OBJECT || code === CLOSE_ARRAY;
}

/** `{` or `[`. */
export function isOpener(code: number): boolean {
  return code === OPEN_OBJECT || code === OPEN_ARRAY;
}

/** A comma, or what models write for one. */
export function isCommaLike(code: number): boolean {
  return code === COMMA || code === SEMICOLON || code === WIDE_COMMA || code === WIDE_SEMICOLON;
}

/** A colon, or what models write for one. */
export function isColonLike(code: number): boolean {
  return code === COLON || code === EQUALS || code === WIDE_COLON;
}

/** A typographic quote that may delimit a string. */
export function isSmartQuote(code: number): boolean {
  return (code >= 0x2018 && code <= 0x201f) || code === 0xab || code === 0xbb || code === 0xff02;
}

/** Any character that may open a string. */
export function isQuote(code: number): boolean {
  return code === QUOTE || code === APOSTROPHE || code === BACKTICK || (code >= 0xab && isSmartQuote(code));
}

/** Whether `code` may end a string that `opener` began. */
export function closesQuote(opener: number, code: number): boolean {
  if (code === opener) return opener !== 0x201e && opener !== 0xab;
  if (opener < 128) return false;
  if (opener === 0xab) return code === 0xbb;
  if (opener === 0xbb) return code === 0xab;
  if (opener === 0x2018 || opener === 0x2019 || opener === 0x201a || opener === 0x201b) {
    return code === 0x2018 || code === 0x2019 || code === APOSTROPHE;
  }
  return code === 0x201c || code === 0x201d || code === QUOTE;
}
