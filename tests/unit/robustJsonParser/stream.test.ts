import assert from "node:assert/strict";
import {
  createJsonStream,
  type JsonValue,
  parseJson,
} from "../../../supabase/functions/_shared/robustJsonParser.ts";
import { brokenCases } from "../../helpers/brokenJson.ts";

function oneShot(text: string): JsonValue | undefined {
  const result = parseJson(text);
  return result.ok ? result.value : undefined;
}

/** Pushes a text in pieces and compares every value so far with the one-shot result. */
function assertSameAtEveryPrefix(text: string, size: number): void {
  const stream = createJsonStream();
  for (let at = 0; at < text.length; at += size) {
    const value = stream.push(text.slice(at, at + size));
    const prefix = text.slice(0, at + size);
    assert.equal(JSON.stringify(value), JSON.stringify(oneShot(prefix)), prefix);
  }
}

Deno.test("createJsonStream() gives the one-shot value at every prefix of JSON", () => {
  const text = '{"a": [1, -2.5e3, true, null], "b": "x \\"y\\" \\u00e9 \\ud83d\\ude00", "c": {"d": []}}';
  for (const size of [1, 2, 3, 7]) assertSameAtEveryPrefix(text, size);
  assertSameAtEveryPrefix(JSON.stringify(JSON.parse(text), null, 2), 1);
});

Deno.test("createJsonStream() gives the one-shot value at every prefix of one fence", () => {
  assertSameAtEveryPrefix('```json\n{"a": ["x", {"b": "```js"}]}\n```\n', 1);
  assertSameAtEveryPrefix("```\n[{'a': 1,}, {'b': None}]\n```", 1);
});

Deno.test("createJsonStream() gives the one-shot value at every prefix of broken JSON", () => {
  for (const { text } of brokenCases(7, 3)) if (/^\s*[[{]/.test(text)) assertSameAtEveryPrefix(text, 5);
});

Deno.test("createJsonStream() ends with the result of the whole text, whatever stands around the JSON", () => {
  for (const { text } of brokenCases(8, 2)) {
    const stream = createJsonStream();
    for (let at = 0; at < text.length; at += 11) stream.push(text.slice(at, at + 11));
    const end = stream.end();
    assert.equal(JSON.stringify(end.ok ? end.value : undefined), JSON.stringify(oneShot(text)));
  }
});

Deno.test("createJsonStream() never changes a value that it gave before", () => {
  const stream = createJsonStream();
  const values: JsonValue[] = [];
  const copies: string[] = [];
  for (const chunk of ['{"a": [1', ", 2", ', {"b": "x', "y", '"}], "c"', ": 3}"]) {
    const value = stream.push(chunk) as JsonValue;
    values.push(value);
    copies.push(JSON.stringify(value));
  }
  assert.deepEqual(values.map((value) => JSON.stringify(value)), copies);
  assert.deepEqual(values.at(-1), { a: [1, 2, { b: "xy" }], c: 3 });
});

Deno.test("createJsonStream() has no value before the first one begins", () => {
  const stream = createJsonStream();
  assert.equal(stream.push("  \n"), undefined);
  assert.equal(stream.push("``"), undefined);
  assert.equal(stream.push("`json\n"), undefined);
  assert.deepEqual(stream.push("{"), {});
});

Deno.test("createJsonStream() begins anew after its end", () => {
  const stream = createJsonStream({ allowPartial: false });
  stream.push('{"a": 1');
  const cut = stream.end();
  assert.equal(cut.ok ? undefined : cut.error.code, "JSON_TRUNCATED");
  assert.deepEqual(stream.push("[2]"), [2]);
  assert.ok(stream.end().ok);
});

Deno.test("createJsonStream() keeps texts longer than its window whole", () => {
  const value = { text: 'line, with "quotes" } ] and \\ marks\n'.repeat(400), list: [1, 2, 3], end: "x" };
  const stream = createJsonStream();
  const text = JSON.stringify(value);
  let last: JsonValue | undefined;
  for (let at = 0; at < text.length; at += 9) {
    last = stream.push(text.slice(at, at + 9));
    if (at % 900 === 0) assert.equal(JSON.stringify(last), JSON.stringify(oneShot(text.slice(0, at + 9))));
  }
  assert.deepEqual(last, value);
});
