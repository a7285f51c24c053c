/**
 * Whole documents that were encoded once too often: every quote escaped, or HTML entities for quotes.
 *
 * @module
 */

const ENTITY = /&(?:quot|amp|lt|gt|apos|nbsp|#\d{1,7}|#[xX][\da-fA-F]{1,6});/g;
const NAMED: Readonly<Record<string, string>> = {
  "&quot;": '"',
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&apos;": "'",
  "&nbsp;": " ",
};

/** Whether a text starts as an encoded document does: a bracket and then an encoded quote. */
export function startsEncoded(text: string): boolean {
  return /^[\s\ufeff]*[{[](?:\\[nrt]|[\s{[])*(?:\\"|&quot;|&#34;|&#x22;)/i.test(text.slice(0, 2_000));
}

/** The texts that the document may have been before it was encoded, likeliest first. */
export function decodeDocument(text: string): string[] {
  const candidates: string[] = [];
  if (/[{[][\s]*(?:\\[nrt]|\s)*\\"/.test(text.slice(0, 4_000))) {
    candidates.push(unescapeAll(text), text.replaceAll('\\"', '"'));
  }
  if (/&(?:quot|#34|#x22);/i.test(text)) {
    candidates.push(text.replace(ENTITY, decodeEntity));
  }
  return candidates;
}

/** One level of JSON escapes taken away; what is no escape stays. */
function unescapeAll(text: string): string {
  return text.replace(
    /\\(?:u([\da-fA-F]{4})|([\s\S]))/g,
    (all, hex: string | undefined, letter: string | undefined) => {
      if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
      const index = 'nrtbf"\\/'.indexOf(letter as string);
      return index < 0 ? all : '\n\r\t\b\f"\\/'.charAt(index);
    },
  );
}

function decodeEntity(entity: string): string {
  const named = NAMED[entity];
  if (named !== undefined) return named;
  const hex = entity.charAt(2).toLowerCase() === "x";
  const code = parseInt(entity.slice(hex ? 3 : 2, -1), hex ? 16 : 10);
  return code > 0x10ffff ? entity : String.fromCodePoint(code);
}
