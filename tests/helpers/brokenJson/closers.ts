/** What goes wrong with brackets. @module */

import { type BrokenCase, type Defect, type Draft, draft } from "./drafts.ts";
import type { Dice } from "./dice.ts";
import { plainDocument } from "./documents.ts";
import { render, someLayout, type Token, tokensOf } from "./tokens.ts";

function closers(dice: Dice): { at: number[]; draft: Draft } {
  const made = draft(dice, true);
  const at = made.tokens.flatMap((t, i) => t.kind === "close" ? [i] : []);
  return { at, draft: made };
}

function lostLastClosers(dice: Dice): BrokenCase {
  const { value, tokens, layout } = draft(dice);
  let count = 0;
  while (tokens[tokens.length - 1 - count]?.kind === "close") count++;
  return { text: render(tokens.slice(0, tokens.length - 1 - dice.int(count)), layout), expected: value };
}

function lostInnerCloser(dice: Dice): BrokenCase {
  const { at, draft: { value, tokens, layout } } = closers(dice);
  const inArray = at.filter((i) => !tokens[i]?.inObject || tokens[i]?.text === "]").filter((i) =>
    i < tokens.length - 1
  );
  const lost = layout.indent === "" ? dice.pick(inArray) : dice.pick(at.slice(0, -1));
  const indented = render(tokens.map((t, i) => i === lost ? { ...t, text: "" } : t), layout);
  return { text: indented, expected: value };
}

function wrongCloser(dice: Dice): BrokenCase {
  const { at, draft: { value, tokens, layout } } = closers(dice);
  const token = tokens[dice.pick(at)] as Token;
  token.text = token.text === "]" ? "}" : "]";
  return { text: render(tokens, layout), expected: value };
}

function doubledCloser(dice: Dice): BrokenCase {
  const { at, draft: { value, tokens, layout } } = closers(dice);
  const token = tokens[dice.pick(at)] as Token;
  token.text += token.text;
  return { text: render(tokens, layout), expected: value };
}

function swappedClosers(dice: Dice): BrokenCase {
  const { at, draft: { value, tokens, layout } } = closers(dice);
  const pairs = at.filter((i) => tokens[i + 1]?.kind === "close" && tokens[i]?.text !== tokens[i + 1]?.text);
  const i = dice.pick(pairs);
  const [a, b] = [tokens[i] as Token, tokens[i + 1] as Token];
  [a.text, b.text] = [b.text, a.text];
  return { text: render(tokens, layout), expected: value };
}

function strayClosers(dice: Dice): BrokenCase {
  const { value, tokens, layout } = draft(dice);
  return { text: render(tokens, layout) + dice.pick(["}", "]", "]}", "}}", "\n}\n]"]), expected: value };
}

function lostOpener(dice: Dice): BrokenCase {
  const value = plainDocument(dice);
  const text = render(tokensOf(value), someLayout(dice)).slice(1).trimStart();
  return { text: dice.int(2) === 0 ? text : text.slice(0, -1).trimEnd(), expected: value };
}

/** Defects of brackets, by name. */
export const CLOSER_DEFECTS: Readonly<Record<string, Defect>> = {
  lost_last_closers: lostLastClosers,
  lost_inner_closer: lostInnerCloser,
  wrong_closer: wrongCloser,
  doubled_closer: doubledCloser,
  swapped_closers: swappedClosers,
  stray_closers: strayClosers,
  lost_opener: lostOpener,
};
