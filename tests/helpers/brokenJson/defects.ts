/**
 * What models do to JSON, one function a defect. Each gives a text and the value that the rules want of it.
 *
 * @module
 */

import type { Dice } from "./dice.ts";
import { type Json, plainDocument, someDocument, someWords } from "./documents.ts";
import { type Layout, render, someLayout, type Token, tokensOf } from "./tokens.ts";

/** A broken text. `expected` is absent where the only right answer is a refusal. */
export interface BrokenCase {
  text: string;
  expected?: Json;
}

/** Makes one case of a category. */
export type Defect = (dice: Dice) => BrokenCase;

interface Draft {
  value: Json;
  tokens: Token[];
  layout: Layout;
}

function draft(dice: Dice, plain = false): Draft {
  const value = plain ? plainDocument(dice) : someDocument(dice);
  return { value, tokens: tokensOf(value), layout: someLayout(dice) };
}

/** Applies a change to some of the tokens that are wanted, to one at least. */
function onSome(
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

function byTokens(
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

function isText(token: Token): boolean {
  return token.kind === "string";
}

function singleQuoted(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"')
    .replaceAll("'", "\\'");
  return `'${inner}'`;
}

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
  const words: Record<string, string> = {
    true: "True",
    false: "False",
    null: "None",
  };
  for (const token of tokens) {
    if (token.kind === "literal") token.text = words[token.text] as string;
    else if (token.kind === "key" || isText(token)) {
      token.text = singleQuoted(token.value as string);
    }
  }
  return {
    text: render(tokens, { indent: "", afterColon: " ", afterComma: " " }),
    expected: value,
  };
}

function trailingComma(dice: Dice): BrokenCase {
  const { value, tokens, layout } = draft(dice);
  const out: Token[] = [];
  tokens.forEach((token, i) => {
    const before = tokens[i - 1];
    if (
      token.kind === "close" && before?.kind !== "open" &&
      (dice.int(2) === 0 || i === tokens.length - 1)
    ) {
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
    if (
      !onSome(
        dice,
        tokens,
        (t) => t.kind === "comma" && t.inObject,
        (t) => void (t.text = ""),
      )
    ) continue;
    return { text: render(tokens, spaced), expected: value };
  }
}

function comments(dice: Dice): BrokenCase {
  const { value, tokens, layout } = draft(dice);
  const lines = layout.indent !== "";
  onSome(
    dice,
    tokens,
    (t, i) =>
      t.kind === "comma" ||
      (t.kind === "open" && tokens[i + 1]?.kind !== "close"),
    (t) => {
      const note = dice.pick([
        "see {x}",
        "was: [1]",
        'the "old" one',
        "don't touch",
        "必須",
        "a, b: c",
      ]);
      t.text += lines ? dice.pick([` // ${note}`, ` # ${note}`, ` /* ${note} */`]) : ` /* ${note} */ `;
    },
  );
  return { text: render(tokens, layout), expected: value };
}

function bareKeys(dice: Dice): BrokenCase {
  return byTokens(
    (t) => t.kind === "key" && /^[A-Za-z_]\w*$/.test(t.value as string),
    (t) => void (t.text = t.value as string),
  )(dice);
}

function bareValues(dice: Dice): BrokenCase {
  const { value, tokens, layout } = draft(dice, true);
  onSome(
    dice,
    tokens,
    (t) => isText(t) && t.inObject,
    (t) => void (t.text = t.value as string),
  );
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
    (t) =>
      isText(t) && !/["\\]$|^"|"""|\\/.test(t.value as string) &&
      t.value !== "",
    (t) => {
      t.text = `"""${t.value as string}"""`;
    },
  )(dice);
}

function smartQuotes(dice: Dice): BrokenCase {
  const [open, close] = dice.pick([["“", "”"], ["„", "“"], ["”", "”"], [
    "«",
    "»",
  ]]) as [string, string];
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
  const text = render(tokensOf(value), someLayout(dice)).replace(
    "@@",
    () => pairs[0],
  );
  return { text, expected: { ...value as object, raw: pairs[1] } as Json };
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
    (t, d) =>
      void (t.text = d.pick([
        "NaN",
        "Infinity",
        "-Infinity",
        "undefined",
        "None",
      ])),
  )(dice);
}

function joinedStrings(dice: Dice): BrokenCase {
  return byTokens(
    (t) =>
      isText(t) && (t.value as string).length > 3 &&
      !/[\\"]/.test(t.text.slice(1, -1)),
    (t, d) => {
      const cut = 2 + d.int(t.text.length - 3);
      if (/[\ud800-\udfff]/.test(t.text.slice(cut - 1, cut + 1))) return;
      t.text = `${t.text.slice(0, cut)}" + "${t.text.slice(cut)}`;
    },
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

function closers(dice: Dice): { at: number[]; draft: Draft } {
  const made = draft(dice, true);
  const at = made.tokens.flatMap((t, i) => t.kind === "close" ? [i] : []);
  return { at, draft: made };
}

function lostLastClosers(dice: Dice): BrokenCase {
  const { value, tokens, layout } = draft(dice);
  let count = 0;
  while (tokens[tokens.length - 1 - count]?.kind === "close") count++;
  return {
    text: render(tokens.slice(0, tokens.length - 1 - dice.int(count)), layout),
    expected: value,
  };
}

function lostInnerCloser(dice: Dice): BrokenCase {
  const { at, draft: { value, tokens, layout } } = closers(dice);
  const inArray = at.filter((i) => !tokens[i]?.inObject || tokens[i]?.text === "]").filter((i) =>
    i < tokens.length - 1
  );
  const lost = layout.indent === "" ? dice.pick(inArray) : dice.pick(at.slice(0, -1));
  const indented = render(
    tokens.map((t, i) => i === lost ? { ...t, text: "" } : t),
    layout,
  );
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
  return {
    text: render(tokens, layout) + dice.pick(["}", "]", "]}", "}}", "\n}\n]"]),
    expected: value,
  };
}

function lostOpener(dice: Dice): BrokenCase {
  const value = plainDocument(dice);
  const text = render(tokensOf(value), someLayout(dice)).slice(1).trimStart();
  return {
    text: dice.int(2) === 0 ? text : text.slice(0, -1).trimEnd(),
    expected: value,
  };
}

function severalRoots(dice: Dice): BrokenCase {
  const values = Array.from(
    { length: 2 + dice.int(3) },
    () => plainDocument(dice),
  );
  const layout = someLayout(dice);
  return {
    text: values.map((v) => render(tokensOf(v), layout)).join(
      dice.pick(["\n", ",\n", "\n\n", " "]),
    ),
    expected: values,
  };
}

function encodedTwice(dice: Dice): BrokenCase {
  const value = someDocument(dice);
  const inner = render(tokensOf(value), someLayout(dice));
  return {
    text: JSON.stringify(dice.int(3) === 0 ? JSON.stringify(inner) : inner),
    expected: value,
  };
}

function escapedOnce(dice: Dice): BrokenCase {
  const value = someDocument(dice);
  return {
    text: JSON.stringify(render(tokensOf(value), someLayout(dice))).slice(
      1,
      -1,
    ),
    expected: value,
  };
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
  return {
    text,
    expected: JSON.parse(text.replace(",}", "}").replaceAll("'", '"')),
  };
}

function severalDefects(dice: Dice): BrokenCase {
  const { value, tokens, layout } = draft(dice);
  onSome(
    dice,
    tokens,
    (t) => t.kind === "key" && /^[a-z]\w*$/.test(t.value as string),
    (t) => void (t.text = t.value as string),
  );
  onSome(
    dice,
    tokens,
    isText,
    (t) => void (t.text = singleQuoted(t.value as string)),
  );
  onSome(
    dice,
    tokens,
    (t) => t.kind === "comma",
    (t) => void (t.text += dice.pick(["", " /* c */"])),
  );
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
  odd_numbers: oddNumbers,
  not_finite: notFinite,
  joined_strings: joinedStrings,
  ellipses,
  colons,
  separators,
  odd_spaces: oddSpaces,
  lost_last_closers: lostLastClosers,
  lost_inner_closer: lostInnerCloser,
  wrong_closer: wrongCloser,
  doubled_closer: doubledCloser,
  swapped_closers: swappedClosers,
  stray_closers: strayClosers,
  lost_opener: lostOpener,
  several_roots: severalRoots,
  encoded_twice: encodedTwice,
  escaped_once: escapedOnce,
  html_encoded: htmlEncoded,
  special_keys: specialKeys,
  several_defects: severalDefects,
};
