/** A JSX element that is opened and never closed. @module */

import { type Candidate, indentAt, insertion, lineEndAt, nextOutdent, repairRule } from "../repair.ts";
import type { Tag } from "../scan.ts";

/** Closes it where the indentation says that it ends. */
export const unclosedJsx = repairRule("unclosed-jsx", ({ text, scan }) => {
  const lone = scan.tags.filter((tag) => tag.type === "open" && tag.isLone);
  return lone.toReversed().flatMap((tag) => closings(text, tag));
});

function closings(text: string, tag: Tag): Candidate[] {
  const close = `</${tag.name}>`;
  const description = `<${tag.name}> is never closed`;
  const end = lineEndAt(text, tag.end);
  const rest = text.slice(tag.end, end);
  const indent = indentAt(text, tag.start);
  const edits = [];
  if (rest.trim() !== "") edits.push(...inline(text, tag, close));
  const outdent = nextOutdent(text, tag.end, indent);
  if (outdent !== undefined) edits.push(insertion(outdent, `${indent}${close}\n`));
  // Last, a line of text only belongs to the element that it stands in.
  return edits.map((edit) => ({ description, confidence: 0.88, edits: [edit] }));
}

/** On its own line: behind the text, before what already belongs to the element around it. */
function inline(text: string, tag: Tag, close: string) {
  const end = lineEndAt(text, tag.end);
  const line = text.slice(tag.end, end).trimEnd();
  const outer = line.search(/<\/[A-Za-z]|\)\}|\)\)|\s+:\s|\}\s*(?:<|$)/);
  const at = [tag.end + line.length];
  if (outer !== -1) at.unshift(tag.end + outer);
  const semicolon = /\s*[);,]+$/.exec(line);
  if (semicolon !== null) at.push(tag.end + semicolon.index);
  return at.map((place) => insertion(place, close));
}
