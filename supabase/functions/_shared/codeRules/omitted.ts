/** Comments that stand for code which was left out. @module */

import type { SyntaxNode } from "../core/codeSyntax.ts";
import type { FileModel } from "./fileModel.ts";

const OMITTED =
  /^[\s*]*(?:\.{3}|…)\s*(?:(?:the\s+)?(?:rest|remaining|other|existing|previous|same|more)\b.*|\(?(?:code|implementation|imports|methods)\b.*)$|^\s*(?:the\s+)?rest of (?:the|your) (?:code|file|component|implementation)\b.*|^\s*(?:your|existing|previous)\s+code\s+(?:here|goes here|remains.*|unchanged)\s*\.*$/i;

/** The comments of a file that say so. */
export function omittingComments(file: FileModel): SyntaxNode[] {
  return file.tree.comments.filter((comment) => OMITTED.test(`${comment.value}`));
}

/** What is not used may be used by what is not there. */
export function leavesCodeOut(file: FileModel): boolean {
  return omittingComments(file).length > 0;
}
