/** Reads Vue and Svelte components: the code of their script blocks, and the names that their markup uses. @module */

import { htmlTokens } from "./htmlTokens.ts";

/** What a component's text holds. */
export interface Markup {
  /** The text with everything but the scripts blanked, so that places stay the same. */
  code: string;
  /** Every word of the markup that may be a name of the script. */
  names: ReadonlySet<string>;
  /** The tags that are components. */
  tags: { name: string; at: number }[];
}

/** Splits a component's text. */
export function maskMarkup(content: string): Markup {
  const kept: [number, number][] = [];
  const tags: Markup["tags"] = [];
  let markup = "";
  let last = 0;
  for (const token of htmlTokens(content)) {
    if (token.type === "raw" && token.name === "script") {
      markup += content.slice(last, token.start);
      kept.push([token.start, token.end]);
      last = token.end;
    } else if (token.type === "raw" && token.name === "style") {
      markup += content.slice(last, token.start);
      last = token.end;
    } else if ((token.type === "open" || token.type === "self") && /^[A-Z]|-/.test(token.name)) {
      tags.push({ name: camel(token.name), at: token.start + 1 });
    }
  }
  markup += content.slice(last);
  return { code: masked(content, kept), names: wordsOf(markup), tags };
}

function masked(content: string, kept: readonly [number, number][]): string {
  let code = "";
  let last = 0;
  for (const [start, end] of kept) {
    code += blank(content.slice(last, start)) + content.slice(start, end);
    last = end;
  }
  return code + blank(content.slice(last));
}

function blank(text: string): string {
  return text.replace(/[^\n\r]/g, " ");
}

function wordsOf(markup: string): Set<string> {
  const names = new Set<string>();
  for (const [word] of markup.matchAll(/[$\p{L}_][$\w\p{L}-]*/gu)) {
    names.add(word);
    for (const part of word.split("-")) names.add(part);
    if (word.includes("-")) names.add(camel(word));
    if (word.startsWith("$")) names.add(word.slice(1));
  }
  return names;
}

/** `user-card` as `UserCard`. */
function camel(word: string): string {
  return word.split("-").map((part) => part.slice(0, 1).toUpperCase() + part.slice(1)).join("");
}
