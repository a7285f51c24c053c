/** What holds of fingerprints whatever the error says. @module */

import assert from "node:assert/strict";
import { errorSignature, fingerprintError } from "../../supabase/functions/_shared/errorFingerprint.ts";
import { assertAsyncProperty, assertProperty, fc } from "../helpers/property.ts";

const piece = fc.oneof(
  fc.constantFrom(
    'relation "a"',
    "function f(text)",
    "'x'",
    '"',
    "'",
    "`",
    "\\",
    "{",
    "}",
    "[",
    "]",
    '{"code":"a"}',
    ":",
    "\n",
  ),
  fc.constantFrom(
    "https://a.b/c",
    "/home/a/b.ts",
    "[redacted:jwt]",
    "select x from y where z = 'q'",
    "at f (a.ts:1:2)",
    "@",
    "%",
  ),
  fc.uuid(),
  fc.integer().map(String),
  fc.string({ unit: "binary", maxLength: 20 }),
);
const hostileText = fc.array(piece, { maxLength: 15 }).map((pieces) => pieces.join(" "));

Deno.test("fingerprintError() gives any error one key and never throws", async () => {
  const error = fc.record({ message: hostileText, stack: hostileText, type: hostileText, code: hostileText });
  await assertAsyncProperty(fc.asyncProperty(error, async (input) => {
    const first = await fingerprintError(input);
    assert.match(first.fingerprint, /^v2:[0-9a-f]{64}$/);
    assert.ok(first.frames.length <= 5);
    assert.deepEqual(await fingerprintError(input), first);
  }));
});

Deno.test("fingerprintError() does not see which value stands in a message", async () => {
  const frame = fc.constantFrom("order % was refused", "no answer from % yet", "took % of the queue");
  const sameKind = fc.tuple(
    frame,
    fc.constantFrom(fc.uuid(), fc.integer({ min: 10_000, max: 99_999_999 }).map(String)),
  )
    .chain(([text, value]) => fc.tuple(fc.constant(text), value, value));
  await assertAsyncProperty(fc.asyncProperty(sameKind, async ([text, one, other]) => {
    const keys = await Promise.all(
      [one, other].map((value) => fingerprintError({ message: text.replace("%", value) })),
    );
    assert.equal(keys[0]!.fingerprint, keys[1]!.fingerprint);
  }));
});

Deno.test("errorSignature() has exactly one slot for each identifier", () => {
  const name = fc.stringMatching(/^[a-z][a-z_]{2,20}$/);
  assertProperty(fc.property(name, name, (column, relation) => {
    const message = `null value in column "${column}" of relation "${relation}" violates not-null constraint`;
    assert.deepEqual(errorSignature({ code: "23502", message }), {
      signature: "23502: null value in column $1 of relation $2 violates not-null constraint",
      slots: [column, relation],
    });
  }));
});

Deno.test("errorSignature() never throws and stays below its limit", () => {
  assertProperty(
    fc.property(hostileText, hostileText, (message, code) => {
      assert.ok(errorSignature({ message, code }).signature.length <= 1_000);
    }),
    { runs: 500 },
  );
});
