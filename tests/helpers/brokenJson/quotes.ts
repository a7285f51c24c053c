/** What goes wrong with quotes and with the text between them. @module */

import { type BrokenCase, byTokens, type Defect, draft, isText, onSome, singleQuoted } from "./drafts.ts";
import type { Dice } from "./dice.ts";
import { type Json, plainDocument } from "./documents.ts";
import { render, someLayout, tokensOf } from "./tokens.ts";

function toSingleQuotes(dice: Dice): BrokenCase {
  const { value, tokens, layout } = draft(dice);
  for (const token of tokens) {
    if (token.kind === "key" || isText(token)) {
      token.text = singleQuoted(token.value as string);
    }
  }
  return { text: render(tokens, layout), expected: value };
}

function toPython(dice: Dice): BrokenCase {
  const { value, tokens } = draft(dice);
  const words: Record<string, string> = { true: "True", false: "False", null: "None" };
  for (const token of tokens) {
    if (token.kind === "literal") token.text = words[token.text] as string;
    else if (token.kind === "key" || isText(token)) {
      token.text = singleQuoted(token.value as string);
    }
  }
  return { text: render(tokens, { indent: "", afterColon: " ", afterComma: " " }), expected: value };
}

function bareKeys(dice: Dice): BrokenCase {
  return byTokens(
    (t) => t.kind === "key" && /^[A-Za-z_]\w*$/.test(t.value as string),
    (t) => void (t.text = t.value as string),
  )(dice);
}

function bareValues(dice: Dice): BrokenCase {
  const { value, tokens, layout } = draft(dice, true);
  onSome(dice, tokens, (t) => isText(t) && t.inObject, (t) => void (t.text = t.value as string));
  return { text: render(tokens, layout), expected: value };
}

function lostEndQuote(dice: Dice): BrokenCase {
  const { value, tokens, layout } = draft(dice, true);
  const texts = tokens.filter((t) => isText(t) && t.inObject);
  const token = dice.pick(texts);
  token.text = token.text.slice(0, -1);
  return { text: render(tokens, layout), expected: value };
}

function lostStartQuote(dice: Dice): BrokenCase {
  const { value, tokens, layout } = draft(dice, true);
  const token = dice.pick(tokens.filter((t) => isText(t) && t.inObject));
  token.text = token.text.slice(1);
  return { text: render(tokens, layout), expected: value };
}

const INNER: readonly string[] = [
  'she said "never" and meant it',
  'a 7" pipe and a 9" bend',
  'open "Settings", then "Advanced" and save',
  '<img src="a.png" alt="A small cat"> shown',
  'the "first" of "many" words',
  'if (mode === "x") { go("y"); }',
  'pick ["a", "b"] or nothing',
  'write "limit": 5 into the file',
  '"Quoted at the start" he wrote',
  'she answered "no way"',
  '"all of it"',
  'Er rief „komm her", dann ging er',
  'x = "1"; y = "2"; done',
  'use "a" or "b", not "c"',
];

function innerQuotes(dice: Dice): BrokenCase {
  const value = plainDocument(dice) as { [key: string]: Json };
  const marks = new Map<string, string>();
  const key = dice.pick(["name", "note", "extra"]);
  value[key] = `@0@`;
  marks.set("@0@", dice.pick(INNER));
  if (dice.int(2) === 0) {
    (value["owner"] as { [key: string]: Json })["label"] = "@1@";
    marks.set("@1@", dice.pick(INNER));
  }
  let text = render(tokensOf(value), someLayout(dice));
  let expected = JSON.stringify(value);
  for (const [mark, inner] of marks) {
    text = text.replace(mark, () => inner);
    expected = expected.replace(mark, () => JSON.stringify(inner).slice(1, -1));
  }
  return { text, expected: JSON.parse(expected) };
}

function rawControls(dice: Dice): BrokenCase {
  return byTokens(
    (t) => isText(t) && /[\n\t\r]/.test(t.value as string),
    (t) => {
      t.text = t.text.replaceAll("\\n", "\n").replaceAll("\\t", "\t")
        .replaceAll("\\r", "\r");
      t.text = JSON.stringify(t.value).replace(
        /\\\\|\\([ntr])/g,
        (all, c) => c === "n" ? "\n" : c === "t" ? "\t" : c === "r" ? "\r" : all,
      );
    },
  )(dice);
}

function templates(dice: Dice): BrokenCase {
  return byTokens(
    (t) => isText(t) && !/[\\]/.test(t.value as string) && t.value !== "",
    (t) => {
      t.text = "`" + (t.value as string).replaceAll("`", "\\`") + "`";
    },
  )(dice);
}

function tripled(dice: Dice): BrokenCase {
  return byTokens(
    (t) => isText(t) && !/["\\]$|^"|"""|\\/.test(t.value as string) && t.value !== "",
    (t) => {
      t.text = `"""${t.value as string}"""`;
    },
  )(dice);
}

function smartQuotes(dice: Dice): BrokenCase {
  const [open, close] = dice.pick([["“", "”"], ["„", "“"], ["”", "”"], ["«", "»"]]) as [string, string];
  return byTokens(
    (t) => (isText(t) || t.kind === "key") && !/[“”„«»]/.test(t.value as string),
    (t) => {
      t.text = open + t.text.slice(1, -1) + close;
    },
    true,
  )(dice);
}

function oddEscapes(dice: Dice): BrokenCase {
  const pairs = dice.pick([
    ["C:\\Qt\\Work\\gcc", "C:\\Qt\\Work\\gcc"],
    ["^\\d+\\s[a-z]\\.$", "^\\d+\\s[a-z]\\.$"],
    ["\\alpha \\leq \\omega", "\\alpha \\leq \\omega"],
    ["it\\'s here", "it's here"],
    ["\\x41\\x42", "AB"],
    ["half \\u12 done", "half \\u12 done"],
    ["run \\`ls\\`", "run `ls`"],
  ]) as [string, string];
  const value = { ...plainDocument(dice) as object, raw: "@@", end: 1 } as Json;
  const text = render(tokensOf(value), someLayout(dice)).replace("@@", () => pairs[0]);
  return { text, expected: { ...value as object, raw: pairs[1] } as Json };
}

function joinedStrings(dice: Dice): BrokenCase {
  return byTokens(
    (t) => isText(t) && (t.value as string).length > 3 && !/[\\"]/.test(t.text.slice(1, -1)),
    (t, d) => {
      const cut = 2 + d.int(t.text.length - 3);
      if (/[\ud800-\udfff]/.test(t.text.slice(cut - 1, cut + 1))) return;
      t.text = `${t.text.slice(0, cut)}" + "${t.text.slice(cut)}`;
    },
  )(dice);
}

/** Defects of quotes and texts, by name. */
export const QUOTE_DEFECTS: Readonly<Record<string, Defect>> = {
  bare_keys: bareKeys,
  bare_values: bareValues,
  single_quotes: toSingleQuotes,
  python: toPython,
  lost_end_quote: lostEndQuote,
  lost_start_quote: lostStartQuote,
  inner_quotes: innerQuotes,
  raw_controls: rawControls,
  templates,
  triple_quotes: tripled,
  smart_quotes: smartQuotes,
  odd_escapes: oddEscapes,
  joined_strings: joinedStrings,
};
