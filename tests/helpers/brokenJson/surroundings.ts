/**
 * What models put around JSON, where they stop, and what only looks like JSON.
 *
 * @module
 */

import type { BrokenCase, Defect } from "./drafts.ts";
import type { Dice } from "./dice.ts";
import { type Json, someDocument } from "./documents.ts";
import { render, someLayout, type Token, tokensOf } from "./tokens.ts";

const INTRO = [
  "Sure, here is what you asked for:",
  "Based on the log I filled in {title} and [tags].",
  "Voilà le résultat demandé :",
  "Result (see [1] and [2, 3]):",
  'I set the "status" field as you said; `{{name}}` stays a placeholder.',
  "结果如下：",
  "## Answer",
  "The function f(x) { return x; } was left alone.",
];
const OUTRO = [
  "Let me know if anything else is needed!",
  "Note: I left {limits} empty [sic].",
  "---\nEnd of answer.",
  "See [the manual](https://example.org/x) for more.",
  "Is that okay?",
];

function written(dice: Dice): { value: Json; text: string } {
  const value = someDocument(dice);
  return { value, text: render(tokensOf(value), someLayout(dice)) };
}

function fenced(dice: Dice): BrokenCase {
  const { value, text } = written(dice);
  const label = dice.pick(["json", "", "JSON", "jsonc", "text"]);
  const body = "```" + label + "\n" + text + "\n```";
  const shape = dice.int(4);
  if (shape === 0) return { text: body, expected: value };
  if (shape === 1) {
    return { text: `${dice.pick(INTRO)}\n\n${body}\n\n${dice.pick(OUTRO)}`, expected: value };
  }
  if (shape === 2) {
    return { text: "```" + label + "\n" + text, expected: value };
  }
  return { text: `${dice.pick(INTRO)}\n${body}`, expected: value };
}

function secondFence(dice: Dice): BrokenCase {
  const { value, text } = written(dice);
  const other = dice.pick([
    "```sh\ncurl -d '{\"a\": 1}' localhost\n```",
    "```python\ndata = {'a': [1, 2]}\nprint(data)\n```",
    "```ts\ntype A = { b: string[] };\n```",
    "```yaml\na: [1, 2]\nb: {c: d}\n```",
  ]);
  return {
    text: `${dice.pick(INTRO)}\n\n${other}\n\nand now:\n\n` + "```json\n" +
      text + "\n```",
    expected: value,
  };
}

function fenceInText(dice: Dice): BrokenCase {
  const { value, text } = written(dice);
  const readme = '# Use\n\n```bash\nnpm i\n```\n\nthen\n\n```json\n{"x": [1,]}\n```\nend';
  const whole = { doc: value, readme };
  const body = dice.int(2) === 0 ? JSON.stringify(whole) : JSON.stringify(whole, null, 2);
  void text;
  const mended = body.replace(/\}$/, ",}");
  if (dice.int(2) === 0) return { text: mended, expected: whole };
  return { text: "Here:\n```json\n" + mended + "\n```\n" + dice.pick(OUTRO), expected: whole };
}

function inProse(dice: Dice): BrokenCase {
  const { value, text } = written(dice);
  const shape = dice.int(3);
  if (shape === 0) {
    return { text: `${dice.pick(INTRO)}\n${text}\n${dice.pick(OUTRO)}`, expected: value };
  }
  if (shape === 1) {
    return { text: `${dice.pick(INTRO)} ${text}`, expected: value };
  }
  return { text: `${text}\n\n${dice.pick(OUTRO)}`, expected: value };
}

function reasoned(dice: Dice): BrokenCase {
  const { value, text } = written(dice);
  const tag = dice.pick(["think", "thinking", "reasoning"]);
  const thought = dice.pick([
    'Maybe {"a": 1}? No.',
    "Use [x] and {y: 2}.",
    '```json\n{"draft": 1}\n```',
    "plain words",
  ]);
  const open = dice.int(4) === 0 ? "" : `<${tag}>`;
  const body = dice.int(2) === 0 ? text : "```json\n" + text + "\n```";
  return { text: `${open}\n${thought}\n</${tag}>\n${body}`, expected: value };
}

function tagged(dice: Dice): BrokenCase {
  const { value, text } = written(dice);
  const [open, close] = dice.pick([
    ["<answer>\n", "\n</answer>"],
    ["", "<|endoftext|>"],
    ["[TOOL_REQUEST] ", ""],
    ["<json>", "</json>"],
  ]) as [string, string];
  return { text: open + text + close, expected: value };
}

function assigned(dice: Dice): BrokenCase {
  const { value, text } = written(dice);
  const [open, close] = dice.pick([
    ["const out = ", ";"],
    ["callback(", ");"],
    ["data: ", ""],
    ["export default ", ";"],
    ["return ", ";"],
    ["(", ")"],
  ]) as [string, string];
  return { text: open + text + close, expected: value };
}

/** Cuts a document between or inside tokens, and says by the rules what is left of it. */
function cut(dice: Dice): BrokenCase {
  const value = someDocument(dice);
  const tokens = tokensOf(value);
  const at = 1 + dice.int(tokens.length - 2);
  const token = tokens[at] as Token;
  const kept = tokens.slice(0, at);
  const piece = cutToken(dice, token);
  const text = render([...kept, { ...token, text: piece.text }], someLayout(dice));
  return { text, expected: valueOf(kept, piece.value) };
}

function cutToken(dice: Dice, token: Token): { text: string; value: Json | undefined } {
  if (token.kind === "key") {
    return { text: token.text.slice(0, 1 + dice.int(token.text.length)), value: undefined };
  }
  if (token.kind === "string") return cutText(dice, token);
  if (token.kind === "literal") {
    return { text: token.text.slice(0, 1 + dice.int(token.text.length)), value: token.value as Json };
  }
  if (token.kind === "number") return cutNumber(dice, token);
  return { text: token.kind === "open" || token.kind === "close" ? "" : token.text, value: undefined };
}

function cutNumber(dice: Dice, token: Token): { text: string; value: Json | undefined } {
  const text = token.text.slice(0, 1 + dice.int(token.text.length));
  for (let length = text.length; length > 0; length--) {
    const prefix = text.slice(0, length);
    if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(prefix)) {
      return { text, value: Number(prefix) };
    }
  }
  return { text, value: undefined };
}

function cutText(dice: Dice, token: Token): { text: string; value: Json } {
  const text = token.text.slice(0, 1 + dice.int(token.text.length - 1));
  let body = text.slice(1);
  const escape = /(?:^|[^\\])(?:\\\\)*(\\(?:u[\da-f]{0,3})?)$/.exec(body);
  if (escape !== null) body = body.slice(0, -(escape[1] as string).length);
  const decoded = JSON.parse(`"${body}"`) as string;
  return { text, value: decoded.replace(/[\ud800-\udbff]$/, "") };
}

/** The value of complete tokens, with one more value at the end or none. */
function valueOf(tokens: readonly Token[], last: Json | undefined): Json {
  let text = "";
  const open: string[] = [];
  for (const token of tokens) {
    text += token.text;
    if (token.kind === "open") open.push(token.text === "[" ? "]" : "}");
    if (token.kind === "close") open.pop();
  }
  if (last !== undefined) text += JSON.stringify(last);
  text = text.replace(
    /(?:[,{])"(?:[^"\\]|\\.)*":?$/,
    (all) =>
      last === undefined && open[open.length - 1] === "}" && /[:"]$/.test(all) && endsInKey(tokens)
        ? (all.startsWith("{") ? "{" : "")
        : all,
  );
  text = text.replace(/,$/, "");
  return JSON.parse(text + open.reverse().join(""));
}

function endsInKey(tokens: readonly Token[]): boolean {
  const last = tokens[tokens.length - 1];
  return last?.kind === "key" || last?.kind === "colon";
}

function cutInside(dice: Dice): BrokenCase {
  const { text, expected } = cut(dice);
  const opened = dice.pick([
    `${dice.pick(["Sure:", "结果：", "Here you go."])}\n`,
    "```json\n",
    "<think>\nhm {a}\n</think>\n",
    `Done.\n\n${"```"}json\n`,
  ]);
  if (JSON.stringify(expected).length < 40) return cutInside(dice);
  return { text: opened + text, expected: expected as Json };
}

const NOT_JSON: readonly string[] = [
  "There is nothing to report today.",
  "The set {4, 5} and the range [0, 10] overlap [3].",
  "Use {{user}} and {count} in the template, as in [docs](https://example.org).",
  "func main() {\n\tfmt.Println(x)\n}",
  "def f(a):\n    return [a, a]",
  "h1 { margin: 0 auto; color: #fff }",
  "[section]\nname = value\nport = 80",
  "- [x] one\n- [ ] two\n- [ ] three",
  "a,b,c\n1,2,3\n4,5,6",
  "title: x\nitems:\n  - a\n  - b\n",
  "SELECT a, b FROM t WHERE c IN (1, 2);",
  "x^{2} + y_{i} = \\frac{1}{2}",
  "```js\nfunction f() { return 1; }\n```",
  "```\n$ ls -l\ntotal 0\n```",
  "<html><body>{content}</body></html>",
  "I'm sorry, but I can't help with that.",
  '"Yes", he said, "it works".',
  "{name} ordered {count} of [item]",
  "[a] [b] [c]",
  "Error: ENOENT: no such file or directory, open '{path}'",
  "{{#each rows}}{{this}}{{/each}}",
  "{x | x > 3}",
  "fn main() -> Result<(), E> { Ok(()) }",
  "if [ -f x ]; then echo y; fi",
  "",
  " \n\t",
  "}",
  "]",
  ",",
  ":",
  '"',
  "`",
  "```",
  "<think>a {b: 1} c</think>",
  "null and void",
  "12 apples",
];

function notJson(dice: Dice): BrokenCase {
  const text = dice.pick(NOT_JSON);
  return { text: dice.int(3) === 0 ? `${text}\n\n${dice.pick(["That is all.", "Thanks!", "Bye."])}` : text };
}

/** What is around a document, or is none, by name. */
export const SURROUNDING_DEFECTS: Readonly<Record<string, Defect>> = {
  fenced,
  second_fence: secondFence,
  fence_in_text: fenceInText,
  in_prose: inProse,
  reasoned,
  tagged,
  assigned,
  cut,
  cut_inside: cutInside,
  not_json: notJson,
};
