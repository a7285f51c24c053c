/** Every function, over HTTP, gets what no client sends: it refuses with a code, tells no secret, and serves the next. */

import assert from "node:assert/strict";
import { assertAsyncProperty, fc } from "../helpers/property.ts";
import { openStack } from "../helpers/stack.ts";

const FUNCTIONS = decodeURIComponent(new URL("../../supabase/functions", import.meta.url).pathname);
/** Of each function; the names are the folders'. */
const RUNS = 40;

const FIELDS = [
  ...[
    "run_id",
    "trigger",
    "wait",
    "cycle",
    "project_id",
    "dryRun",
    "fix_id",
    "test_ids",
    "files",
    "issues",
    "apply",
  ],
  ...[
    "error",
    "error_id",
    "fingerprint",
    "function_name",
    "error_message",
    "timestamp",
    "metadata",
    "request",
  ],
  ...["__proto__", "constructor", "toString", "", "a".repeat(300), "id; drop table auto_fixes --"],
];

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "\0",
    "\ud800",
    "'; select 1; --",
    "../../etc/passwd",
    "{{7*7}}",
    "%00",
    "a".repeat(50_000),
  ),
);
const value: fc.Arbitrary<unknown> = fc.oneof(
  text,
  fc.double(),
  fc.bigInt().map(Number),
  fc.boolean(),
  fc.constant(null),
  fc.uuid(),
  fc.array(text, { maxLength: 5 }),
  fc.array(fc.record({ path: text, content: text }), { maxLength: 3 }),
  fc.dictionary(fc.string(), text, { maxKeys: 3 }),
);
/** Deeper than any stack of calls. */
const DEEP = "[".repeat(200_000) + "]".repeat(200_000);

const body = fc.oneof(
  fc.dictionary(fc.constantFrom(...FIELDS), value, { minKeys: 1, maxKeys: 6 }).map((fields) =>
    JSON.stringify(fields)
  ),
  fc.jsonValue().map((json) => JSON.stringify(json)),
  text,
  fc.constantFrom(DEEP, "", "null", "[]", '"', "{", "undefined", "\ufeff{}", '{"wait": true, "wait": "x"}'),
);
/** A machine that is let in is the harder half; a run that really starts is none of this test. */
const startsARun = (sent: string) => /^\s*(\{\s*\}|null|)\s*$/.test(sent.replace(/^\ufeff/, ""));

const HEADERS = fc.dictionary(
  fc.constantFrom(
    "x-request-id",
    "traceparent",
    "tracestate",
    "baggage",
    "content-type",
    "accept",
    "origin",
    "x-forwarded-for",
  ),
  fc.string({ unit: fc.constantFrom(..."abc019-_=;,:/ \t%'\"<>{}"), maxLength: 300 }).map((one) =>
    one.trim()
  ),
  { maxKeys: 4 },
);

async function functionNames(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(FUNCTIONS)) {
    if (isDirectory && !name.startsWith("_")) names.push(name);
  }
  return names.sort();
}

Deno.test("every function refuses hostile bodies and headers with a code, tells nothing, and serves the next caller", async (test) => {
  await using fresh = await openStack({ functionRoots: [FUNCTIONS] });
  const { stack } = fresh;
  const { keys, url } = stack;
  const secrets = [keys.secret, keys.cronSecret, keys.jwtSecret, keys.serviceRoleJwt];
  const names = await functionNames();
  assert.ok(names.length >= 6, names.join());

  async function send(name: string, method: string, headers: HeadersInit, sent: string): Promise<Response> {
    return await fetch(`${url}/functions/v1/${name}`, {
      method,
      headers,
      ...(method === "GET" || method === "HEAD" ? {} : { body: sent }),
      signal: AbortSignal.timeout(20_000),
    });
  }

  async function assertRefused(answer: Response, what: string): Promise<void> {
    const said = await answer.text();
    for (const secret of secrets) assert.ok(!said.includes(secret), `${what} tells a secret`);
    assert.doesNotMatch(said, /\bat .+\.ts:\d+|file:\/\/|\/supabase\/functions\//, `${what} tells a stack`);
    if (answer.status < 400) return;
    assert.ok(answer.status < 500, `${what} got ${answer.status}: ${said.slice(0, 500)}`);
    if (answer.headers.has("x-request-id")) {
      const { code, message, requestId } = JSON.parse(said);
      assert.match(code, /^[A-Z_]+$/);
      assert.equal(typeof message, "string");
      assert.equal(requestId, answer.headers.get("x-request-id"));
      assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    }
  }

  for (const name of names) {
    await test.step(name, async () => {
      await assertAsyncProperty(
        fc.asyncProperty(
          fc.constantFrom("none", "wrong", "publishable", "machine"),
          fc.constantFrom("POST", "POST", "POST", "PUT", "GET", "DELETE"),
          HEADERS,
          body,
          async (who, method, headers, sent) => {
            if (who === "machine" && startsARun(sent)) return;
            const apikey = {
              none: undefined,
              wrong: "sb_secret_wrong_wrong_wrong",
              publishable: keys.publishable,
              machine: keys.secret,
            }[who];
            const answer = await send(name, method, {
              ...headers,
              ...(apikey === undefined ? {} : { apikey }),
            }, sent);
            if (who !== "machine" && method === "POST") {
              assert.ok([401, 403].includes(answer.status), `${who} got ${answer.status}`);
            }
            await assertRefused(answer, `${name}, as ${who}, ${method} ${sent.slice(0, 200)}`);
          },
        ),
        { runs: RUNS },
      );
      const next = await send(name, "POST", { apikey: keys.publishable }, "{}");
      await assertRefused(next, name);
      assert.equal(next.status, 401);
    });
  }
});
