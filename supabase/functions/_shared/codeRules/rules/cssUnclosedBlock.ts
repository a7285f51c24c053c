/** A block of a style sheet that is never closed, or a brace that closes none. @module */

import { type CssToken, cssTokens } from "../cssTokens.ts";
import type { FileModel } from "../fileModel.ts";
import type { CodeRule, Finding } from "../model.ts";
import { wholeLines } from "../removal.ts";

/** Closes it before the next rule that stands no deeper; takes a brace away that closes nothing. */
export const cssUnclosedBlock: CodeRule = {
  name: "css-unclosed-block",
  severity: "error",
  autoFixable: true,
  appliesTo: ["css"],
  readsBroken: true,
  check(file) {
    const tokens = cssTokens(file.content);
    const torn = tokens.find(({ isWhole }) => !isWhole);
    if (torn !== undefined) return [{ message: `A ${torn.type} is never ended`, at: torn.start }];
    const open: CssToken[] = [];
    for (const token of tokens) {
      if (token.type === "open") open.push(token);
      else if (token.type === "close" && open.pop() === undefined) return [stray(file, token)];
    }
    return open.length === 0 ? [] : [unclosed(file, tokens, open)];
  },
};

function stray(file: FileModel, { start, end }: CssToken): Finding {
  const edits = [{ path: file.path, ...wholeLines(file.content, start, end) }];
  return {
    message: "A brace closes nothing",
    at: start,
    fix: { description: "take the brace away", confidence: 0.9, edits },
  };
}

/** The first block inside of which another rule starts at its own depth. */
function unclosed(file: FileModel, tokens: readonly CssToken[], open: readonly CssToken[]): Finding {
  const { path, content } = file;
  const place = firstPlace(content, tokens);
  const at = place?.at ??
    (open.length === 1 && /[;}]\s*$/.test(content) ? content.trimEnd().length : undefined);
  const from = place?.token ?? open.at(-1)!;
  if (at === undefined) return { message: "A block is never closed", at: from.start };
  const text = `\n${indentOf(content, from.start)}}`;
  return {
    message: "A block is never closed",
    at: from.start,
    fix: { description: "close the block", confidence: 0.88, edits: [{ path, start: at, end: at, text }] },
  };
}

function firstPlace(content: string, tokens: readonly CssToken[]) {
  const open: CssToken[] = [];
  for (const token of tokens) {
    if (token.type === "close") open.pop();
    if (token.type !== "open") continue;
    const around = open.at(-1);
    const selector = selectorStart(content, token.start);
    const isInside = around === undefined || selector <= around.start ||
      indentOf(content, selector).length > indentOf(content, around.start).length;
    if (!isInside) return { token: around, at: content.slice(0, selector).trimEnd().length };
    open.push(token);
  }
  return undefined;
}

/** The first line of the selector of a block: it may go over several lines, each ending in a comma. */
function selectorStart(content: string, brace: number): number {
  let start = content.lastIndexOf("\n", brace) + 1;
  while (
    start > 1 && /,[ \t]*\r?$/.test(content.slice(content.lastIndexOf("\n", start - 2) + 1, start - 1))
  ) {
    start = content.lastIndexOf("\n", start - 2) + 1;
  }
  const comment = /(?:^|\n)([ \t]*\/\*(?:(?!\*\/)[^])*\*\/[ \t]*\r?\n)$/.exec(content.slice(0, start));
  return comment === null ? start : start - comment[1]!.length;
}

function indentOf(content: string, at: number): string {
  return /^[ \t]*/.exec(content.slice(content.lastIndexOf("\n", at - 1) + 1))![0];
}
