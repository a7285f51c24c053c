/** Documents on their way to being broken. @module */

import type { Dice } from "./dice.ts";
import { type Json, plainDocument, someDocument } from "./documents.ts";
import { type Layout, render, someLayout, type Token, tokensOf } from "./tokens.ts";

/** A broken text. `expected` is absent where the only right answer is a refusal. */
export interface BrokenCase {
  text: string;
  expected?: Json;
}

/** Makes one case of a category. */
export type Defect = (dice: Dice) => BrokenCase;

/** A document, its tokens, and how they will be laid out. */
export interface Draft {
  value: Json;
  tokens: Token[];
  layout: Layout;
}

/** A document ready to be broken; a plain one when its texts must not hold punctuation. */
export function draft(dice: Dice, plain = false): Draft {
  const value = plain ? plainDocument(dice) : someDocument(dice);
  return { value, tokens: tokensOf(value), layout: someLayout(dice) };
}

/** Applies a change to some of the tokens that are wanted, to one at least. */
export function onSome(
  dice: Dice,
  tokens: Token[],
  wanted: (token: Token, i: number) => boolean,
  change: (token: Token) => void,
): boolean {
  const found = tokens.filter(wanted);
  if (found.length === 0) return false;
  const sure = dice.int(found.length);
  found.forEach((token, i) => {
    if (i === sure || dice.int(4) === 0) change(token);
  });
  return true;
}

/** A defect that changes some of the tokens that are wanted. */
export function byTokens(
  wanted: (token: Token) => boolean,
  change: (token: Token, dice: Dice) => void,
  plain = false,
): Defect {
  return (dice) => {
    for (;;) {
      const { value, tokens, layout } = draft(dice, plain);
      if (onSome(dice, tokens, wanted, (token) => change(token, dice))) {
        return { text: render(tokens, layout), expected: value };
      }
    }
  };
}

/** A string that is a value. */
export function isText(token: Token): boolean {
  return token.kind === "string";
}

/** A text as Python and JavaScript write it. */
export function singleQuoted(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"')
    .replaceAll("'", "\\'");
  return `'${inner}'`;
}
