/** What holds of the sanitiser whatever it is given. @module */

import assert from "node:assert/strict";
import {
  sanitizeError,
  sanitizeText,
  sanitizeValue,
} from "../../supabase/functions/_shared/errorSanitizer.ts";
import { assertProperty, fc } from "../helpers/property.ts";
import { SECRETS } from "../unit/errorSanitizer/secrets.ts";

/** Pieces of secrets, of what stands around them and of what breaks text, in any order. */
const piece = fc.oneof(
  fc.constantFrom(...SECRETS.map((sample) => sample.text)),
  fc.constantFrom(...SECRETS.flatMap((sample) => sample.secrets)),
  fc.constantFrom(
    "password=",
    '"token":"',
    "\\",
    '"',
    "'",
    "[redacted:jwt]",
    "[redacted",
    "@",
    "://",
    ":",
    " ",
    "\n",
    ",",
  ),
  fc.constantFrom(
    "\0",
    "\ud800",
    "\udc00",
    "\u001b[31m",
    "\u202e",
    "\u200b",
    "\ufeff",
    "eyJ",
    "-----BEGIN PRIVATE KEY-----",
  ),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({ maxLength: 12 }),
);
const hostileText = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
const UNSAFE = /(?![\t\n\r])\p{Cc}|\p{Cs}/u;

Deno.test("sanitizeText() leaves no control character and no lone surrogate", () => {
  assertProperty(fc.property(hostileText, (text) => assert.doesNotMatch(sanitizeText(text), UNSAFE)));
});

Deno.test("sanitizeText() changes nothing when it is applied again", () => {
  assertProperty(
    fc.property(hostileText, (text) => {
      const once = sanitizeText(text);
      assert.equal(sanitizeText(once), once);
    }),
    { runs: 1_000 },
  );
});

Deno.test("sanitizeText() keeps its limit and stays the same under it when it cuts", () => {
  assertProperty(
    fc.property(hostileText, fc.integer({ min: 0, max: 400 }), (text, maxLength) => {
      const once = sanitizeText(text, { maxLength });
      assert.ok(once.length <= maxLength, `${once.length} characters`);
      assert.equal(sanitizeText(once, { maxLength }), once);
    }),
    { runs: 1_000 },
  );
});

Deno.test("sanitizeText() cuts without leaving any part of a secret that is longer than eight characters", () => {
  const sample = fc.constantFrom(...SECRETS);
  assertProperty(
    fc.property(
      sample,
      fc.integer({ min: 0, max: 300 }),
      fc.nat(200),
      ({ text, secrets }, maxLength, padding) => {
        const cut = sanitizeText("x ".repeat(padding) + text, { maxLength });
        for (const secret of secrets) assert.ok(!cut.includes(secret.slice(0, 9)), `${cut} holds ${secret}`);
      },
    ),
    { runs: 1_000 },
  );
});

Deno.test("sanitizeValue() gives JSON that survives a round trip, for any value", () => {
  assertProperty(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true }), (value) => {
      const safe = sanitizeValue(value);
      assert.deepEqual(JSON.parse(JSON.stringify(safe)), safe);
    }),
    { runs: 500 },
  );
});

Deno.test("sanitizeValue() leaves no unsafe character in any key or string", () => {
  const value = fc.object({ key: hostileText, values: [hostileText, fc.integer(), fc.constant(undefined)] });
  assertProperty(
    fc.property(value, (input) => {
      JSON.stringify(sanitizeValue(input), (key, item) => {
        assert.doesNotMatch(key, UNSAFE);
        if (typeof item === "string") assert.doesNotMatch(item, UNSAFE);
        return item;
      });
    }),
  );
});

Deno.test("sanitizeValue() changes nothing when it is applied again", () => {
  const value = fc.object({
    key: hostileText,
    values: [hostileText, fc.integer(), fc.bigInt(), fc.boolean()],
  });
  assertProperty(
    fc.property(value, (input) => {
      const once = sanitizeValue(input);
      assert.deepEqual(sanitizeValue(once), once);
    }),
  );
});

Deno.test("sanitizeError() gives a name and a message for anything thrown and never throws itself", () => {
  const proxy = new Proxy({}, {
    get: () => {
      throw new Error("no");
    },
    ownKeys: () => {
      throw new Error("no");
    },
  });
  const thrown = fc.oneof(
    fc.anything({ withBigInt: true, withNullPrototype: true, withObjectString: true }),
    hostileText.map((message) => new Error(message)),
    fc.constant(proxy),
    fc.constant(Object.assign(new Error("x"), { message: Symbol("m"), stack: 3, cause: proxy })),
  );
  assertProperty(
    fc.property(thrown, (value) => {
      const error = sanitizeError(value);
      assert.equal(typeof error.name, "string");
      assert.equal(typeof error.message, "string");
      assert.deepEqual(JSON.parse(JSON.stringify(error)), error);
    }),
    { runs: 500 },
  );
});
