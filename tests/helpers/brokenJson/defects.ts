/**
 * What models do to JSON, one function a defect. Each gives a text and the value that the rules want of it.
 *
 * @module
 */

import { CLOSER_DEFECTS } from "./closers.ts";
import type { Dice } from "./dice.ts";
import { type Json, plainDocument } from "./documents.ts";
import { type BrokenCase, byTokens, type Defect, draft, isText, onSome, singleQuoted } from "./drafts.ts";
import { ENCODING_DEFECTS } from "./encodings.ts";
import { QUOTE_DEFECTS } from "./quotes.ts";
import { render, someLayout, type Token, tokensOf } from "./tokens.ts";

function trailingComma(dice: Dice): BrokenCase {
  const { value, tokens, layout } = draft(dice);
  const out: Token[] = [];
  tokens.forEach((token, i) => {
    const before = tokens[i - 1];
    if (token.kind === "close" && before?.kind !== "open" && (dice.int(2) === 0 || i === tokens.length - 1)) {
      out.push({ ...token, kind: "number", text: "" });
      (out[out.length - 2] as Token).text += dice.pick([",", " ,"]);
      out.pop();
    }
    out.push({ ...token });
  });
  return { text: render(out, layout), expected: value };
}

function missingComma(dice: Dice): BrokenCase {
  for (;;) {
    const { value, tokens, layout } = draft(dice);
    const spaced = layout.indent === "" ? { ...layout, afterComma: " " } : layout;
    if (!onSome(dice, tokens, (t) => t.kind === "comma" && t.inObject, (t) => void (t.text = ""))) continue;
    return { text: render(tokens, spaced), expected: value };
  }
}

function comments(dice: Dice): BrokenCase {
  const { value, tokens, layout } = draft(dice);
  const lines = layout.indent !== "";
  onSome(
    dice,
    tokens,
    (t, i) => t.kind === "comma" || (t.kind === "open" && tokens[i + 1]?.kind !== "close"),
    (t) => {
      const note = dice.pick(["see {x}", "was: [1]", 'the "old" one', "don't touch", "必須", "a, b: c"]);
      t.text += lines ? dice.pick([` // ${note}`, ` # ${note}`, ` /* ${note} */`]) : ` /* ${note} */ `;
    },
  );
  return { text: render(tokens, layout), expected: value };
}

function oddNumbers(dice: Dice): BrokenCase {
  const value = plainDocument(dice) as { [key: string]: Json };
  const [written, meant] = dice.pick([
    ["0xFF", 255],
    ["+12", 12],
    ["007", 7],
    [".25", 0.25],
    ["8.", 8],
    ["1_000_000", 1e6],
    ["-.5", -0.5],
    ["0x1a", 26],
  ]) as [string, number];
  value["total"] = meant;
  const tokens = tokensOf(value);
  for (const token of tokens) {
    if (token.kind === "number" && token.value === meant && token.depth === 1) {
      token.text = written;
    }
  }
  return { text: render(tokens, someLayout(dice)), expected: value };
}

function notFinite(dice: Dice): BrokenCase {
  return byTokens(
    (t) => t.text === "null",
    (t, d) => void (t.text = d.pick(["NaN", "Infinity", "-Infinity", "undefined", "None"])),
  )(dice);
}

function ellipses(dice: Dice): BrokenCase {
  return byTokens(
    (t) => t.kind === "comma",
    (t, d) => void (t.text = d.pick([", ...,", ", …,", ",,", ", , "])),
  )(dice);
}

function colons(dice: Dice): BrokenCase {
  const written = dice.pick([" =>", " =", "：", " "]);
  const { value, tokens, layout } = draft(dice, true);
  const change = (t: Token) => void (t.text = written);
  if (written === " ") onSome(dice, tokens, (t) => t.kind === "colon", change);
  else tokens.filter((t) => t.kind === "colon").forEach(change);
  return { text: render(tokens, layout), expected: value };
}

function separators(dice: Dice): BrokenCase {
  const { value, tokens, layout } = draft(dice);
  const written = dice.pick([";", "，"]);
  for (const token of tokens) if (token.kind === "comma") token.text = written;
  return { text: render(tokens, layout), expected: value };
}

function oddSpaces(dice: Dice): BrokenCase {
  const { value, tokens, layout } = draft(dice);
  onSome(dice, tokens, (t) => t.kind === "comma" || t.kind === "colon", (t) => {
    t.text += dice.pick(["\u200b", "\u00a0", "\u3000", "\ufeff", "\u2009"]);
  });
  return { text: "\ufeff" + render(tokens, layout), expected: value };
}

function severalDefects(dice: Dice): BrokenCase {
  const { value, tokens, layout } = draft(dice);
  onSome(
    dice,
    tokens,
    (t) => t.kind === "key" && /^[a-z]\w*$/.test(t.value as string),
    (t) => void (t.text = t.value as string),
  );
  onSome(dice, tokens, isText, (t) => void (t.text = singleQuoted(t.value as string)));
  onSome(dice, tokens, (t) => t.kind === "comma", (t) => void (t.text += dice.pick(["", " /* c */"])));
  onSome(
    dice,
    tokens,
    (t) => t.kind === "literal",
    (t) => void (t.text = ({ true: "True", false: "False", null: "None" })[t.text] as string),
  );
  return { text: render(tokens, layout), expected: value };
}

/** The defects inside a document, by name. */
export const STRUCTURE_DEFECTS: Readonly<Record<string, Defect>> = {
  trailing_comma: trailingComma,
  missing_comma: missingComma,
  comments,
  odd_numbers: oddNumbers,
  not_finite: notFinite,
  ellipses,
  colons,
  separators,
  odd_spaces: oddSpaces,
  several_defects: severalDefects,
  ...QUOTE_DEFECTS,
  ...CLOSER_DEFECTS,
  ...ENCODING_DEFECTS,
};
