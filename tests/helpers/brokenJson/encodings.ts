/** Documents encoded once too often, several in one text, or with names that a prototype has. @module */

import type { BrokenCase, Defect } from "./drafts.ts";
import type { Dice } from "./dice.ts";
import { plainDocument, someDocument, someWords } from "./documents.ts";
import { render, someLayout, tokensOf } from "./tokens.ts";

function severalRoots(dice: Dice): BrokenCase {
  const values = Array.from({ length: 2 + dice.int(3) }, () => plainDocument(dice));
  const layout = someLayout(dice);
  return {
    text: values.map((v) => render(tokensOf(v), layout)).join(dice.pick(["\n", ",\n", "\n\n", " "])),
    expected: values,
  };
}

function encodedTwice(dice: Dice): BrokenCase {
  const value = someDocument(dice);
  const inner = render(tokensOf(value), someLayout(dice));
  return { text: JSON.stringify(dice.int(3) === 0 ? JSON.stringify(inner) : inner), expected: value };
}

function escapedOnce(dice: Dice): BrokenCase {
  const value = someDocument(dice);
  return { text: JSON.stringify(render(tokensOf(value), someLayout(dice))).slice(1, -1), expected: value };
}

function htmlEncoded(dice: Dice): BrokenCase {
  const value = someDocument(dice);
  const text = render(tokensOf(value), someLayout(dice));
  return {
    text: text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(
      ">",
      "&gt;",
    ).replaceAll('"', "&quot;"),
    expected: value,
  };
}

function specialKeys(dice: Dice): BrokenCase {
  const text = `{"__proto__": {"admin": true}, 'constructor': ${dice.int(9)}, "hasOwnProperty": "${
    someWords(dice)
  }", "a": 1, "a": 2,}`;
  return { text, expected: JSON.parse(text.replace(",}", "}").replaceAll("'", '"')) };
}

/** Whole documents in a form of their own, by name. */
export const ENCODING_DEFECTS: Readonly<Record<string, Defect>> = {
  several_roots: severalRoots,
  encoded_twice: encodedTwice,
  escaped_once: escapedOnce,
  html_encoded: htmlEncoded,
  special_keys: specialKeys,
};
