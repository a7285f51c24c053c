/** A comment that stands for code which was left out. @module */

import type { CodeRule } from "../model.ts";

const OMITTED =
  /^[\s*]*(?:\.{3}|…)\s*(?:(?:the\s+)?(?:rest|remaining|other|existing|previous|same|more)\b.*|\(?(?:code|implementation|imports|methods)\b.*)$|^\s*(?:the\s+)?rest of (?:the|your) (?:code|file|component|implementation)\b.*|^\s*(?:your|existing|previous)\s+code\s+(?:here|goes here|remains.*|unchanged)\s*\.*$/i;

/** Says so; what was left out has to be written. */
export const omittedCode: CodeRule = {
  name: "omitted-code",
  severity: "error",
  autoFixable: false,
  appliesTo: ["script", "vue", "svelte"],
  check: (file) =>
    file.tree.comments.filter((comment) => OMITTED.test(`${comment.value}`))
      .map((comment) => ({ message: "A comment stands where code was left out", at: comment.start })),
};
