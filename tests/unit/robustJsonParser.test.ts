import assert from "node:assert/strict";
import {
  JsonParseError,
  type JsonValue,
  parseJson,
  type ParseOptions,
  type ParseSuccess,
} from "../../supabase/functions/_shared/robustJsonParser.ts";

function read(text: string, options?: ParseOptions): ParseSuccess {
  const result = parseJson(text, options);
  assert.ok(result.ok, `refused: ${text.slice(0, 100)}`);
  return result;
}

function refusal(text: string, options?: ParseOptions): JsonParseError {
  const result = parseJson(text, options);
  assert.ok(!result.ok, `accepted: ${text.slice(0, 100)}`);
  return result.error;
}

Deno.test("parseJson() reads valid JSON as JSON.parse does, without repairs", () => {
  for (const text of ['{"a":[1,null,"x"]}', " [ ] ", '"text"', "-0", "null", '{"a":1,"a":2}']) {
    assert.deepEqual(read(text), {
      ok: true,
      value: JSON.parse(text),
      level: "standard",
      complete: true,
      repairs: [],
    });
  }
});

Deno.test("parseJson() says which level it needed", () => {
  assert.equal(read('{"a":1}').level, "standard");
  assert.equal(read("{a:1}").level, "repair");
  assert.equal(read('Here:\n```json\n{"a":1}\n```').level, "markdown");
  assert.equal(read('So: {"a":1}').level, "markdown");
  assert.equal(read('{"a":[1').level, "partial");
});

Deno.test("parseJson() names each repair with its place", () => {
  assert.deepEqual(read("{'a': 1,}").repairs, [
    { kind: "quote_replaced", offset: 1, length: 1 },
    { kind: "comma_removed", offset: 7, length: 1 },
  ]);
  assert.deepEqual(read('{"a": True "b": 0x10}').repairs, [
    { kind: "literal_replaced", offset: 6, length: 4 },
    { kind: "comma_added", offset: 11, length: 0 },
    { kind: "number_normalised", offset: 16, length: 4 },
  ]);
});

Deno.test("parseJson() says where a document was cut", () => {
  const cut = read('{"a": "one", "b": "tw');
  assert.deepEqual(cut.value, { a: "one", b: "tw" });
  assert.equal(cut.complete, false);
  assert.equal(cut.cutAt, 21);
  assert.equal("cutAt" in read("{a:1}"), false);
});

Deno.test("parseJson() refuses a cut document on request and hands over what was read", () => {
  const error = refusal('{"a": [1, 2', { allowPartial: false });
  assert.equal(error.code, "JSON_TRUNCATED");
  assert.equal(error.position, 11);
  assert.deepEqual(error.partialValue, { a: [1, 2] });
});

Deno.test("parseJson() refuses a repair that the caller does not accept", () => {
  const error = refusal('{"a": 1 "b": 2}', { refuseRepairs: ["comma_added"] });
  assert.equal(error.code, "JSON_REPAIR_REFUSED");
  assert.equal(error.position, 8);
  assert.deepEqual(error.partialValue, { a: 1, b: 2 });
  assert.ok(read("{a: 1}", { refuseRepairs: ["comma_added"] }).ok);
});

Deno.test("parseJson() carries position, a short excerpt and what was tried in its error", () => {
  const error = refusal(`${"x ".repeat(2_000)}.`);
  assert.ok(error instanceof JsonParseError);
  assert.equal(error.code, "JSON_INVALID");
  assert.equal(error.position, 0);
  assert.equal(error.excerpt.length, 500);
  assert.deepEqual(error.tried, ["standard", "whole", "prose"]);
  assert.equal(error.details?.["excerpt"], undefined);
});

Deno.test("parseJson() refuses a text that is too large before reading it", () => {
  assert.equal(refusal("[1, 2, 3]", { maxChars: 8 }).code, "JSON_TOO_LARGE");
  assert.ok(read("[1, 2, 3]", { maxChars: 9 }).ok);
});

Deno.test("parseJson() refuses nesting beyond the limit, valid or broken, and never overflows", () => {
  const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  assert.ok(read(deep(1_000)).ok);
  assert.equal(refusal(deep(1_001)).code, "JSON_TOO_DEEP");
  assert.equal(refusal("[".repeat(1_000_000)).code, "JSON_TOO_DEEP");
  assert.equal(refusal('{"a":'.repeat(100_000)).code, "JSON_TOO_DEEP");
  assert.ok(read(deep(5_000), { maxDepth: 10_000 }).ok);
});

Deno.test("parseJson() refuses limits that are no limits", () => {
  assert.throws(() => parseJson("{}", { maxDepth: 0 }), /"maxDepth" must be >= 1: current value is 0/);
  assert.throws(() => parseJson("{}", { maxChars: Number.NaN }), /"maxChars" must be >= 1/);
});

Deno.test("parseJson() answers what is no text with an error, not an exception", () => {
  for (const value of [undefined, null, 7, { a: 1 }]) {
    const result = parseJson(value as unknown as string);
    assert.ok(!result.ok && result.error.code === "JSON_INVALID");
  }
});

Deno.test("parseJson() keeps special keys as own keys and touches no prototype", () => {
  const text = '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}, "a": 1,}';
  const value = read(text).value as { [key: string]: JsonValue };
  assert.deepEqual(Object.keys(value), ["__proto__", "constructor", "a"]);
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
});

Deno.test("parseJson() lets the last of equal keys win, in broken documents too", () => {
  assert.deepEqual(read("{a: 1, 'a': 2, \"a\": 3,}").value, { a: 3 });
});

Deno.test("parseJson() lists at most 50,000 repairs but at least one of every kind", () => {
  const { repairs } = read(`[${"{a:1},".repeat(60_000)}True]`);
  assert.equal(repairs.length, 50_001);
  assert.equal(repairs.at(-1)?.kind, "literal_replaced");
});
