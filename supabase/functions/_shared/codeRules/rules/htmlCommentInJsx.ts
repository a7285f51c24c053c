/** `<!-- … -->` among JSX elements. @module */

import { type Candidate, repairRule } from "../repair.ts";

/** Writes it as JSX does. */
export const htmlCommentInJsx = repairRule("html-comment-in-jsx", ({ text, file }): Candidate[] => {
  if (!/[jt]sx$|\.js$/.test(file.path)) return [];
  const edits = [...text.matchAll(/<!--([^]*?)-->/g)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    text: `{/*${match[1]!.replaceAll("*/", "* /")}*/}`,
  }));
  return edits.length === 0 ? [] : [{ description: "JSX has no comments of HTML", confidence: 0.93, edits }];
});
