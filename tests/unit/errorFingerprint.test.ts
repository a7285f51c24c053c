import assert from "node:assert/strict";
import {
  errorSignature,
  fingerprintError,
  readStackFrames,
} from "../../supabase/functions/_shared/errorFingerprint.ts";
import { sanitizeError } from "../../supabase/functions/_shared/errorSanitizer.ts";
import { judge } from "./errorFingerprint/judge.ts";
import { NEIGHBOURS } from "./errorFingerprint/neighbours.ts";
import { LABELLED_SETS } from "./errorFingerprint/sets.ts";

const CAUSES = Object.values(LABELLED_SETS).flat();

for (const [name, causes] of Object.entries(LABELLED_SETS)) {
  Deno.test(`fingerprintError() splits at most 5 % and merges at most 0.5 % of the pairs of the set "${name}"`, async () => {
    const { samePairs, splits, differentPairs, merges } = await judge(causes);
    assert.ok(samePairs >= 50 && differentPairs >= 300);
    assert.ok(
      splits.length / samePairs <= 0.05,
      `${splits.length} of ${samePairs}: ${[...new Set(splits)].join("; ")}`,
    );
    assert.ok(
      merges.length / differentPairs <= 0.005,
      `${merges.length} of ${differentPairs}: ${[...new Set(merges)].join("; ")}`,
    );
  });
}

Deno.test("fingerprintError() keeps neighbours apart whose one word or code names the cause", async () => {
  const merged: string[] = [];
  for (const pair of NEIGHBOURS) {
    const keys = await Promise.all(pair.map((message) => fingerprintError({ message })));
    if (keys[0]!.fingerprint === keys[1]!.fingerprint) {
      merged.push(`${pair.join(" = ")}: ${keys[0]!.template}`);
    }
  }
  assert.deepEqual(merged, []);
});

Deno.test("the labelled sets refuse the raw text, no digits, and one key for all", async () => {
  const judged = async (readKey: Parameters<typeof judge>[1]) => {
    const { samePairs, splits, differentPairs, merges } = await judge(CAUSES, readKey);
    return { split: splits.length / samePairs, merge: merges.length / differentPairs };
  };
  assert.ok((await judged(({ message }) => message)).split > 0.5);
  assert.ok((await judged(({ message }) => message.replace(/\d+/g, "N"))).split > 0.2);
  assert.equal((await judged(() => "")).merge, 1);
});

Deno.test("fingerprintError() has a versioned key, the same for the same input", async () => {
  const error = { type: "TypeError", message: "x is null", stack: "at f (/app/src/a.ts:1:2)" };
  const { fingerprint } = await fingerprintError(error);
  assert.match(fingerprint, /^v2:[0-9a-f]{64}$/);
  assert.equal((await fingerprintError({ ...error })).fingerprint, fingerprint);
});

Deno.test("fingerprintError() says what the key was made of", async () => {
  const result = await fingerprintError({
    type: "error",
    code: "23502",
    message: 'null value in column "title" of relation "posts" violates not-null constraint',
    stack:
      "Error: x\n    at async save (file:///home/deno/functions/chat/store.ts:12:3)\n    at node:internal/x:1:1",
  });
  assert.equal(
    result.template,
    'null value in column "title" of relation "posts" violates not-null constraint',
  );
  assert.deepEqual(result.slots, ["title", "posts"]);
  assert.deepEqual(result.frames, ["save@functions/chat/store.ts"]);
});

Deno.test("fingerprintError() keeps sources apart and ignores the driver's class when a SQLSTATE is there", async () => {
  const error = { code: "42P01", message: 'relation "a" does not exist' };
  const keys = await Promise.all(
    ["error", "PostgresError", "migration:error"].map((type) => fingerprintError({ ...error, type })),
  );
  assert.equal(keys[0]!.fingerprint, keys[1]!.fingerprint);
  assert.notEqual(keys[0]!.fingerprint, keys[2]!.fingerprint);
});

Deno.test("fingerprintError() gives a sanitised message the key of the raw one", async () => {
  const raw = "mail to jane@example.com was refused, key sk-***********abcd";
  const { message } = sanitizeError(new Error(raw));
  assert.notEqual(message, raw);
  assert.equal(
    (await fingerprintError({ message })).fingerprint,
    (await fingerprintError({ message: raw })).fingerprint,
  );
});

Deno.test("errorSignature() puts numbered slots in the place of identifiers", () => {
  const cases: [string, string, string, string[]][] = [
    ["3F000", 'schema "shop" does not exist', "3F000: schema $1 does not exist", ["shop"]],
    ["42P01", 'relation "shop.orders" does not exist', "42P01: relation $1 does not exist", ["shop.orders"]],
    ["42883", "function f(text, integer) does not exist", "42883: function $1 does not exist", [
      "f(text, integer)",
    ]],
    ["42703", 'column "a" of relation "b" does not exist', "42703: column $1 of relation $2 does not exist", [
      "a",
      "b",
    ]],
    ["42703", "column t.b does not exist", "42703: column $1 does not exist", ["t.b"]],
    ["42501", "permission denied for table notes", "42501: permission denied for table $1", ["notes"]],
    ["42704", 'type "public.citext" does not exist', "42704: type $1 does not exist", ["public.citext"]],
    [
      "22P02",
      'invalid input syntax for type uuid: "x y"',
      "22P02: invalid input syntax for type uuid: <str>",
      [],
    ],
    [
      "PGRST204",
      "Could not find the 'sender' column of 'messages' in the schema cache",
      "PGRST204: Could not find the $1 column of $2 in the schema cache",
      ["sender", "messages"],
    ],
    [
      "PGRST202",
      "Could not find the function public.pay(a, b) in the schema cache",
      "PGRST202: Could not find the function $1 in the schema cache",
      ["public.pay(a, b)"],
    ],
    ["", 'schema "shop" does not exist', "schema $1 does not exist", ["shop"]],
  ];
  for (const [code, message, signature, slots] of cases) {
    assert.deepEqual(errorSignature({ code, message }), { signature, slots });
  }
});

Deno.test("errorSignature() is the same on every target of a failure", () => {
  const first = errorSignature({ code: "3F000", message: 'schema "shop" does not exist' });
  const second = errorSignature({ code: "3F000", message: 'schema "billing_2026" does not exist' });
  assert.equal(first.signature, second.signature);
  assert.notDeepEqual(first.slots, second.slots);
});

Deno.test("errorSignature() has at most 1,000 characters", () => {
  assert.ok(errorSignature({ message: "word ".repeat(2_000) }).signature.length <= 1_000);
});

Deno.test("fingerprintError() gives the signature that errorSignature() gives, and takes frames that were read before", async () => {
  for (const error of CAUSES.flatMap(({ variants }) => variants)) {
    const result = await fingerprintError(error);
    const { signature, slots } = result;
    assert.deepEqual({ signature, slots }, errorSignature(error));
    const { stack, ...rest } = error;
    assert.deepEqual(await fingerprintError({ ...rest, frames: readStackFrames(stack ?? "") }), result);
  }
});

Deno.test("fingerprintError() knows a failure again in the words and stacks of another engine", async () => {
  const met = [
    [
      "Cannot read properties of undefined (reading 'id')",
      "    at Cart.total (https://a.example/src/cart.js:3:9)",
    ],
    ["undefined is not an object (evaluating 'row.id')", "total@https://a.example/src/cart.js:3:12"],
    ['can\'t access property "id", row is undefined', "total@https://a.example/src/cart.js:3:5"],
  ];
  const keys = await Promise.all(
    met.map(([message = "", stack]) => fingerprintError({ type: "TypeError", message, stack })),
  );
  assert.equal(new Set(keys.map(({ fingerprint }) => fingerprint)).size, 1);
});

Deno.test("fingerprintError() reads the start of a message and of a stack, and nothing behind it", async () => {
  const message = "word ".repeat(2_000);
  const stack = "    at f (/app/src/a.ts:1:2)\n    at g (/app/src/b.ts:1:2)\n".repeat(800);
  const short = await fingerprintError({ message, stack });
  assert.deepEqual(
    await fingerprintError({ message: message + "x 17 '".repeat(9_999), stack: stack + stack }),
    short,
  );
});

Deno.test("fingerprintError() tries no more expressions a sign for a long text than for a short one", async () => {
  const parts = [
    "a ",
    "1 ",
    "[",
    '{"',
    "[{",
    "'",
    '"',
    '"\\',
    "/a",
    "::",
    "1-",
    "x=",
    "user jane ",
    "12 Mar ",
    "5 m",
    "Key (a)=(",
  ];
  for (const part of parts) {
    const [small, large] = [await triesFor(part, 1_000), await triesFor(part, 4_000)];
    assert.ok(
      large <= 5 * small,
      `${JSON.stringify(part)}: ${small} tries for 1,000 signs, ${large} for 4,000`,
    );
  }
});

/** How often an expression is tried while a message of this length is read. */
async function triesFor(part: string, length: number): Promise<number> {
  const message = part.repeat(Math.ceil(length / part.length)).slice(0, length);
  const exec = RegExp.prototype.exec;
  let tries = 0;
  RegExp.prototype.exec = function (text) {
    tries += 1;
    return exec.call(this, text);
  };
  try {
    await fingerprintError({ message });
  } finally {
    RegExp.prototype.exec = exec;
  }
  return tries;
}
