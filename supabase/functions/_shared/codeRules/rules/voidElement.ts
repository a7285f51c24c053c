/** `<br>` and its like, which JSX wants closed. @module */

import { repairRule } from "../repair.ts";

/** The elements of HTML that have no content. */
const VOID = new Set("area base br col embed hr img input link meta param source track wbr".split(" "));

/** Closes all of them at once, as whoever wrote one so wrote all so. */
export const voidElement = repairRule("void-element", ({ text, scan }) => {
  const open = scan.tags.filter((tag) => tag.type === "open" && VOID.has(tag.name) && tag.isLone);
  if (open.length === 0) return [];
  const edits = open.map(({ end }) => {
    const space = /\s/.test(text[end - 2] ?? "") ? "" : " ";
    return { start: end - 1, end, text: `${space}/>` };
  });
  const names = [...new Set(open.map(({ name }) => `<${name}>`))].join(", ");
  return [{ description: `${names} must close itself in JSX`, confidence: 0.97, edits }];
});
