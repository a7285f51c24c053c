/** What holds of the JSON parser whatever it is given. @module */

import assert from "node:assert/strict";
import {
  createJsonStream,
  JsonParseError,
  type JsonValue,
  parseJson,
} from "../../supabase/functions/_shared/robustJsonParser.ts";
import { readRoots } from "../../supabase/functions/_shared/robustJsonParser/roots.ts";
import { brokenCases } from "../helpers/brokenJson.ts";
import { assertProperty, fc } from "../helpers/property.ts";

/** Texts full of what the parser decides by. */
const nastyText = fc.array(
  fc.constantFrom(
    '"',
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    " ",
    "\n",
    "a",
    "1",
    "'",
    "`",
    "/",
    "*",
    "#",
    "“",
    "„",
    ".",
  ),
  { maxLength: 12 },
).map((pieces) => pieces.join(""));
const scalar = fc.oneof(
  nastyText,
  fc.string(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
);
const tree = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar as fc.Arbitrary<JsonValue>,
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(nastyText, tie("value"), { maxKeys: 4 }),
  ),
})).value;
const container = fc.oneof(fc.array(tree, { maxLength: 4 }), fc.dictionary(nastyText, tree, { maxKeys: 4 }));
const indent = fc.constantFrom(0, 2, "\t");
const broken = fc.constantFrom(...brokenCases(99, 6)).map((one) => one.text);
/** Broken texts with more damage done to them. */
const damaged = fc.tuple(broken, fc.nat(), nastyText, fc.nat(6)).map(([text, at, piece, gone]) => {
  const place = at % (text.length + 1);
  return text.slice(0, place) + piece + text.slice(place + gone);
});

Deno.test("parseJson() gives back every value that was serialised", () => {
  assertProperty(fc.property(container, indent, (value, space) => {
    const text = JSON.stringify(value, null, space);
    const result = parseJson(text);
    assert.ok(result.ok && result.level === "standard");
    assert.equal(JSON.stringify(result.value), JSON.stringify(JSON.parse(text)));
  }));
});

Deno.test("readRoots() reads valid JSON as JSON.parse does, without a repair", () => {
  assertProperty(
    fc.property(container, indent, (value, space) => {
      const text = JSON.stringify(value, null, space);
      const reading = readRoots(text, 0, text.length, 1_000);
      assert.equal(JSON.stringify(reading?.value), JSON.stringify(JSON.parse(text)));
      assert.deepEqual(reading?.repairs, []);
    }),
    { runs: 1_000 },
  );
});

Deno.test("parseJson() gives a prefix of the value for every prefix of valid JSON", () => {
  assertProperty(
    fc.property(container, indent, fc.nat(), (value, space, at) => {
      const text = JSON.stringify(value, null, space);
      const result = parseJson(text.slice(0, 1 + at % text.length));
      assert.ok(result.ok);
      assert.ok(isPrefixOf(result.value, JSON.parse(text)), JSON.stringify(result.value));
    }),
    { runs: 1_000 },
  );
});

/** Whether a value is what may be known of another before its text is complete. */
function isPrefixOf(part: JsonValue, whole: JsonValue): boolean {
  if (typeof part === "string" && typeof whole === "string") return whole.startsWith(part);
  if (typeof part === "number" && typeof whole === "number") return true;
  if (typeof part !== "object" || part === null || typeof whole !== "object" || whole === null) {
    return part === whole;
  }
  if (Array.isArray(part) !== Array.isArray(whole)) return false;
  return Object.entries(part).every(([key, item]) =>
    Object.hasOwn(whole, key) && isPrefixOf(item, (whole as { [key: string]: JsonValue })[key] as JsonValue)
  );
}

Deno.test("parseJson() answers any text with a value or a JsonParseError", () => {
  assertProperty(
    fc.property(fc.oneof(damaged, nastyText, fc.string({ unit: "binary" })), (text) => {
      const result = parseJson(text);
      assert.ok(result.ok || result.error instanceof JsonParseError);
    }),
    { runs: 2_000 },
  );
});

Deno.test("parseJson() reads its own result again as the same", () => {
  assertProperty(
    fc.property(damaged, (text) => {
      const result = parseJson(text);
      if (!result.ok || typeof result.value !== "object") return;
      const again = parseJson(JSON.stringify(result.value));
      assert.ok(again.ok && again.level === "standard");
      assert.equal(JSON.stringify(again.value), JSON.stringify(result.value));
    }),
    { runs: 1_000 },
  );
});

Deno.test("createJsonStream() gives the one-shot value at every prefix of a text that starts as JSON", () => {
  // An array that opens with a bare word may turn out to be prose: there the stream may keep a reading that the
  // one-shot form gives up (docs/robust-json-parser.md, "Limits").
  const startsAsJson = damaged.filter((text) =>
    /^\s*(?:[[{]|```)/.test(text) && !/^\s*\[\s*[A-Za-z_]/.test(text) && text.length < 1_500
  );
  assertProperty(
    fc.property(startsAsJson, fc.integer({ min: 1, max: 40 }), (text, size) => {
      const stream = createJsonStream();
      for (let at = 0; at < text.length; at += size) {
        const value = stream.push(text.slice(at, at + size));
        const result = parseJson(text.slice(0, at + size));
        assert.equal(JSON.stringify(value), JSON.stringify(result.ok ? result.value : undefined));
      }
    }),
    { runs: 150 },
  );
});
