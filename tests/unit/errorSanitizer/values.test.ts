import assert from "node:assert/strict";
import { sanitizeValue } from "../../../supabase/functions/_shared/errorSanitizer.ts";

Deno.test("sanitizeValue() redacts by the name of the key", () => {
  const value = {
    apiKey: "abc",
    nested: { DB_PASSWORD: "x1", "x-api-key": 12, cookies: { a: 1 }, authorization: ["Bearer a"] },
    token: null,
    password: "",
    hasPassword: true,
    max_tokens: 100,
    tokenCount: 3,
    phone: "5551234567",
    key: "users/1",
  };
  assert.deepEqual(sanitizeValue(value), {
    apiKey: "[redacted]",
    nested: {
      DB_PASSWORD: "[redacted]",
      "x-api-key": "[redacted]",
      cookies: "[redacted]",
      authorization: "[redacted]",
    },
    token: null,
    password: "",
    hasPassword: true,
    max_tokens: 100,
    tokenCount: 3,
    phone: "[redacted:phone]",
    key: "users/1",
  });
});

Deno.test("sanitizeValue() copies what JSON cannot hold", () => {
  const value = {
    big: 12345678901234567890n,
    nan: NaN,
    infinite: -Infinity,
    when: new Date(0),
    never: new Date(NaN),
    pattern: /a/g,
    map: new Map<unknown, unknown>([["secretKey", "x"], [1, 2]]),
    set: new Set(["a"]),
    bytes: new Uint8Array(3),
    symbol: Symbol("s"),
    method: function named() {},
    nothing: undefined,
    list: [undefined, , 3],
    headers: new Headers({ apikey: "x", accept: "*/*" }),
    url: new URL("https://u:p@example.com/"),
  };
  assert.deepEqual(sanitizeValue(value), {
    big: "12345678901234567890",
    nan: "NaN",
    infinite: "-Infinity",
    when: "1970-01-01T00:00:00.000Z",
    never: "[invalid date]",
    pattern: "/a/g",
    map: { secretKey: "[redacted]", 1: 2 },
    set: ["a"],
    bytes: "[3 bytes]",
    symbol: "Symbol(s)",
    method: "[function named]",
    list: [null, null, 3],
    headers: { accept: "*/*", apikey: "[redacted]" },
    url: "https://[redacted:credentials]@example.com/",
  });
});

Deno.test("sanitizeValue() survives cycles, throwing getters, proxies and a key named __proto__", () => {
  const cycle: Record<string, unknown> = { name: "a" };
  cycle["self"] = cycle;
  const getter = Object.defineProperty({ ok: 1 }, "bad", {
    enumerable: true,
    get: () => {
      throw new Error("no");
    },
  });
  const proxy = new Proxy({}, {
    ownKeys: () => {
      throw new Error("no");
    },
  });
  assert.deepEqual(sanitizeValue({ cycle, getter, proxy }), {
    cycle: { name: "a", self: "[circular]" },
    getter: { ok: 1, bad: "[unreadable]" },
    proxy: "[unreadable]",
  });
  const safe = sanitizeValue(JSON.parse('{"__proto__":{"polluted":true}}'));
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  assert.equal(JSON.stringify(safe), '{"__proto__":{"polluted":true}}');
});

Deno.test("sanitizeValue() bounds depth, items, nodes and characters, and says what it left out", () => {
  let deep: unknown = "end";
  for (let level = 0; level < 10_000; level += 1) deep = { deep };
  assert.match(JSON.stringify(sanitizeValue(deep)), /^(\{"deep":){8}"\[too deep\]"/);
  const list = sanitizeValue(Array.from({ length: 1_000 }, (_, index) => index)) as unknown[];
  assert.deepEqual([list.length, list.at(-1)], [100, "[901 more]"]);
  const wide = sanitizeValue(
    Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`k${index}`, index])),
  );
  assert.equal((wide as Record<string, unknown>)["[more]"], 101);
  const tree = Array.from({ length: 100 }, () => Array.from({ length: 100 }, () => "z".repeat(5_000)));
  assert.ok(JSON.stringify(sanitizeValue(tree)).length < 150_000);
});
