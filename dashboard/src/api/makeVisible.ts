/** Text of others, so that it is read as what it is. @module */

/** What turns text around or hides in it, so that it would be read as something else; lines, and what joins emoji, stay. */
const TRICKS = /(?![\t\n\r\u200d])[\p{Cc}\p{Cf}]/gu;

/** The same value with such characters spelt out; nearly every answer has none, and is left as it is. */
export function makeVisible(value: unknown): unknown {
  if (typeof value === "string") {
    return value.replace(
      TRICKS,
      (found) => `⟨U+${found.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}⟩`,
    );
  }
  if (Array.isArray(value)) return value.map(makeVisible);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, makeVisible(inner)]),
  );
}
