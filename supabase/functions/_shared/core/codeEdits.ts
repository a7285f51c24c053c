/**
 * The adapter of magic-string, which changes places of a text and leaves every other byte as it is: everything else
 * imports it from here. It is loaded when the first edit is made.
 *
 * @module
 */

/** One change: the text between two places is replaced; an insertion starts where it ends. */
export interface TextEdit {
  start: number;
  end: number;
  text: string;
}

/** Makes edits that do not overlap; null when they do, or lie outside of the text. */
export async function applyEdits(content: string, edits: readonly TextEdit[]): Promise<string | null> {
  const { default: MagicString } = await import("npm:magic-string@0.30.21");
  const result = new MagicString(content);
  const sorted = edits.toSorted((one, other) => one.start - other.start || one.end - other.end);
  let last = 0;
  for (const { start, end, text } of sorted) {
    if (start < last || end < start || end > content.length) return null;
    if (start === end) result.appendLeft(start, text);
    else if (text === "") result.remove(start, end);
    else result.overwrite(start, end, text);
    last = end;
  }
  return result.toString();
}
