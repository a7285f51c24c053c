/** The typed edits of a model as places in a file. @module */

import { applyEdits, type TextEdit } from "../core/codeEdits.ts";
import type { CodeEdit } from "./codeModel.ts";

/** More is another file. */
const MOST_EDITS = 40;

/** The text after the edits, or why they cannot be made; what they do not name stays as it is, byte for byte. */
export async function editedText(
  content: string,
  edits: readonly CodeEdit[],
): Promise<{ text: string } | { reason: string }> {
  if (edits.length === 0) return { reason: "there are no edits" };
  if (edits.length > MOST_EDITS) return { reason: `there are more than ${MOST_EDITS} edits` };
  const places: TextEdit[] = [];
  for (const [index, edit] of edits.entries()) {
    const place = placeOf(content, edit);
    if (typeof place === "string") return { reason: `edit ${index + 1}: ${place}` };
    places.push(place);
  }
  const text = await applyEdits(content, places);
  if (text === null) return { reason: "edits overlap" };
  return text === content ? { reason: "the edits change nothing" } : { text };
}

function placeOf(content: string, { find, replace }: CodeEdit): TextEdit | string {
  if (find === "") return "its find is empty";
  // A model breaks lines in one way, whichever the file has.
  const isWindows = content.includes("\r\n") && !/(?<!\r)\n/.test(content);
  const own = (text: string) => isWindows ? text.replace(/\r?\n/g, "\r\n") : text;
  const wanted = own(find);
  const start = content.indexOf(wanted);
  if (start < 0) return "its find is not in the file";
  if (content.indexOf(wanted, start + 1) >= 0) return "its find stands in the file more than once";
  return { start, end: start + wanted.length, text: own(replace) };
}
