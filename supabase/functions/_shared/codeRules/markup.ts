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
  /** The names that expressions of the markup call, and those of directives that are functions. */
  calls: { name: string; at: number }[];
}

/** Splits a component's text. */
export function maskMarkup(content: string): Markup {
  const kept: [number, number][] = [];
  const tags: Markup["tags"] = [];
  let markup = "";
  let last = 0;
  const blanked: [number, number][] = [];
  for (const token of htmlTokens(content)) {
    if (token.type === "raw" && token.name === "script") {
      markup += content.slice(last, token.start);
      kept.push([token.start, token.end]);
      blanked.push([token.start, token.end]);
      last = token.end;
    } else if (token.type === "raw" && token.name === "style") {
      markup += content.slice(last, token.start);
      blanked.push([token.start, token.end]);
      last = token.end;
    } else if ((token.type === "open" || token.type === "self") && /^[A-Z]|-/.test(token.name)) {
      tags.push({ name: camel(token.name), at: token.start + 1 });
    }
  }
  markup += content.slice(last);
  return {
    code: masked(content, kept),
    names: wordsOf(markup),
    tags,
    calls: callsIn(without(content, blanked)),
  };
}

function without(content: string, parts: readonly [number, number][]): string {
  let rest = "";
  let last = 0;
  for (const [start, end] of parts) {
    rest += content.slice(last, start) + blank(content.slice(start, end));
    last = end;
  }
  return rest + content.slice(last);
}

/** `{f(x)}` and `{{ f(x) }}`, the values of bound attributes, and the functions of Svelte's directives. */
const EXPRESSION = /\{\{?([^{}]*)\}|(?:[:@#][\w.:-]+|v-[\w.:-]+)="([^"]*)"/g;
const CALL = /(?<![\w$.#])([A-Za-z_$][\w$]*)(?=\()/g;
const DIRECTIVE = /\s(?:use|transition|in|out|animate):([A-Za-z_$][\w$]*)/g;

function callsIn(markup: string): Markup["calls"] {
  const calls: Markup["calls"] = [];
  for (const match of markup.matchAll(EXPRESSION)) {
    const text = match[1] ?? match[2] ?? "";
    // What a block names is its own.
    if (/^#snippet\b|^@const\b/.test(text)) continue;
    const from = match.index + match[0].indexOf(text);
    for (const call of text.matchAll(CALL)) calls.push({ name: call[1]!, at: from + call.index });
  }
  for (const match of markup.matchAll(DIRECTIVE)) {
    calls.push({ name: match[1]!, at: match.index + match[0].length - match[1]!.length });
  }
  return calls;
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
