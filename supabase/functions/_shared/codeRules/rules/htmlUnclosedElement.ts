/** An element of an HTML page that is opened and never closed, or a closing tag that closes none. @module */

import type { FileModel } from "../fileModel.ts";
import { type HtmlToken, htmlTokens } from "../htmlTokens.ts";
import type { CodeFix, CodeRule, Finding } from "../model.ts";
import { wholeLines } from "../removal.ts";
import { indentAt, lineEndAt, nextOutdent } from "../repair.ts";

const VOID = new Set("area base br col embed hr img input link meta param source track wbr".split(" "));
/** The standard lets these be closed by what follows. */
const OPTIONAL = new Set(
  "html head body p li dt dd option optgroup tr td th thead tbody tfoot colgroup rt rp".split(" "),
);

/** Closes it where the indentation says that it ends. */
export const htmlUnclosedElement: CodeRule = {
  name: "html-unclosed-element",
  severity: "error",
  autoFixable: true,
  appliesTo: ["html"],
  readsBroken: true,
  check(file) {
    const open: HtmlToken[] = [];
    for (const token of htmlTokens(file.content)) {
      const name = token.name.toLowerCase();
      if (token.type === "open" && !VOID.has(name)) open.push(token);
      if (token.type !== "close") continue;
      const index = open.findLastIndex((one) => one.name.toLowerCase() === name);
      if (index === -1 && !VOID.has(name) && name !== "p") return [stray(file, token)];
      if (index === -1) continue;
      const between = open.splice(index).slice(1).find((one) => !OPTIONAL.has(one.name.toLowerCase()));
      if (between !== undefined) return [unclosed(file, between, token)];
    }
    const left = open.find((one) => !OPTIONAL.has(one.name.toLowerCase()));
    return left === undefined ? [] : [unclosed(file, left, undefined)];
  },
};

function stray(file: FileModel, { name, start, end }: HtmlToken): Finding {
  const edits = [{ path: file.path, ...wholeLines(file.content, start, end) }];
  return {
    message: `</${name}> closes nothing`,
    at: start,
    fix: { description: "take the tag away", confidence: 0.86, edits },
  };
}

function unclosed(file: FileModel, token: HtmlToken, outer: HtmlToken | undefined): Finding {
  return { message: `<${token.name}> is never closed`, at: token.start, fix: fixOf(file, token, outer) };
}

function fixOf(
  file: FileModel,
  { name, start, end }: HtmlToken,
  outer: HtmlToken | undefined,
): CodeFix | undefined {
  const { path, content } = file;
  const line = content.slice(end, lineEndAt(content, end));
  const description = `close <${name}>`;
  const close = `</${name}>`;
  if (line.trim() !== "") {
    const inner = outer !== undefined && outer.start < lineEndAt(content, end)
      ? outer.start
      : end + line.trimEnd().length;
    return { description, confidence: 0.88, edits: [{ path, start: inner, end: inner, text: close }] };
  }
  const indent = indentAt(content, start);
  const at = nextOutdent(content, end, indent);
  if (at === undefined) return undefined;
  return {
    description,
    confidence: 0.88,
    edits: [{ path, start: at, end: at, text: `${indent}${close}\n` }],
  };
}
