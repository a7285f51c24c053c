import assert from "node:assert/strict";
import { GATEWAY_URL, openGateway } from "../helpers/gateway.ts";

const stack = await openGateway(`
create function public.keep(p_text text) returns int language sql as 'select length(p_text)';
create function public.keep_json(p_json jsonb) returns int language sql as 'select 1';
grant execute on all functions in schema public to service_role;
`);
Deno.test.afterAll(() => stack.close());
const client = stack.client(stack.keys.secret);
const JSON_HEADERS = { apikey: stack.keys.secret, "content-type": "application/json" };

/** Whatever came, the next caller is served. */
async function assertAlive(): Promise<void> {
  assert.equal((await client.rpc("keep", { p_text: "four" })).data, 4);
}

async function post(
  path: string,
  body: BodyInit,
  headers: HeadersInit = JSON_HEADERS,
): Promise<[number, string]> {
  const answer = await stack.gateway(new Request(`${GATEWAY_URL}${path}`, { method: "POST", headers, body }));
  const { code } = await answer.json();
  return [answer.status, code];
}

Deno.test("gateway answers every body that is no JSON with PGRST102", async () => {
  const bodies: BodyInit[] = [
    "{",
    '{"p_text": "a"',
    "undefined",
    "{'p_text': 'a'}",
    "\0",
    '{"p_text": "\0"}',
    new Uint8Array([0xff, 0xfe, 0x7b]),
    new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]),
    '[{"p_text":"a"},{"other":"b"}]',
    "[1,2]",
  ];
  for (const body of bodies) assert.deepEqual(await post("/rest/v1/rpc/keep", body), [400, "PGRST102"]);
  await assertAlive();
});

Deno.test("gateway takes a body that is JSON but no object for a call without arguments", async () => {
  for (const body of ["1", '"text"', "null", "[]"]) {
    assert.deepEqual(await post("/rest/v1/rpc/keep", body), [404, "PGRST202"]);
  }
});

Deno.test("gateway refuses a NUL in a text with the database's code", async () => {
  assert.deepEqual(await post("/rest/v1/rpc/keep", '{"p_text": "a\\u0000b"}'), [400, "22P05"]);
  assert.deepEqual(await post("/rest/v1/rpc/keep_json", '{"p_json": {"a": "\\u0000"}}'), [400, "22P05"]);
  assert.deepEqual(await post("/rest/v1/rpc/keep", '{"p_text": "\\ud800"}'), [400, "22P02"]);
  await assertAlive();
});

Deno.test("gateway finds no function by a name that cannot be one", async () => {
  const names = [
    "%00",
    "a%00b",
    "keep%3B%20drop%20table%20x",
    "%22%3B--",
    "..",
    "keep%27",
    "x".repeat(5_000),
    "%F0%9F%99%82",
  ];
  for (const name of names) {
    const [status, code] = await post(`/rest/v1/rpc/${name}`, "{}");
    assert.ok(
      (status === 404 && /^PGRST(202|125)$/.test(code)) || (status === 400 && code === "22021"),
      `${name}: ${status} ${code}`,
    );
  }
  await assertAlive();
});

Deno.test("gateway finds nothing at a path that cannot be read or leads nowhere", async () => {
  for (
    const path of [
      "/rest/v1/rpc/%E0%A4%A",
      "/rest/v1/rpc/%",
      "/rest/v1/rpc",
      "/rest/v1/rpc/a/b",
      "/rest/v2/rpc/keep",
    ]
  ) {
    assert.deepEqual(await post(path, "{}"), [404, "PGRST125"], path);
  }
  for (const path of ["/", "/v1", "//", "/%"]) {
    assert.deepEqual(await post(path, "{}"), [404, "PGRST125"], path);
  }
  assert.deepEqual(await post("/storage/v1/object", "{}"), [404, "NOT_FOUND"]);
});

Deno.test("gateway refuses ten megabytes with 413, whether it was told the length or not", async () => {
  const large = JSON.stringify({ p_text: "a".repeat(10_000_000) });
  assert.deepEqual(await post("/rest/v1/rpc/keep", large), [413, "PAYLOAD_TOO_LARGE"]);
  assert.deepEqual(await post("/rest/v1/rpc/keep", new Blob([large]).stream()), [413, "PAYLOAD_TOO_LARGE"]);
  assert.deepEqual(await post("/rest/v1/rpc/keep", "{}", { ...JSON_HEADERS, "content-length": "99999999" }), [
    413,
    "PAYLOAD_TOO_LARGE",
  ]);
  await assertAlive();
});

Deno.test("gateway takes a body just below its limit", async () => {
  const { data } = await client.rpc("keep", { p_text: "a".repeat(8_000_000) });
  assert.equal(data, 8_000_000);
});

Deno.test("gateway survives JSON that is nested a hundred thousand deep", async () => {
  const depth = 100_000;
  const nested = `{"p_json": ${"[".repeat(depth)}${"]".repeat(depth)}}`;
  const [status, code] = await post("/rest/v1/rpc/keep_json", nested);
  assert.ok(
    (status === 500 && code === "54001") || (status === 400 && code === "PGRST102"),
    `${status} ${code}`,
  );
  await assertAlive();
});

Deno.test("gateway survives argument names that try to be SQL, or a prototype", async () => {
  const names = [
    'p_text" text); drop table x; --',
    "__proto__",
    "constructor",
    "toString",
    "",
    " ",
    "p_text\u0000",
  ];
  for (const name of names) {
    assert.deepEqual(
      await post("/rest/v1/rpc/keep", `{${JSON.stringify(name)}: "a"}`),
      [404, "PGRST202"],
      name,
    );
  }
  await assertAlive();
});

Deno.test("gateway survives headers that try to be settings", async () => {
  const [status] = await post("/rest/v1/rpc/keep", '{"p_text": "a"}', {
    ...JSON_HEADERS,
    cookie: "=; ;role=postgres; a=b=c",
    prefer: "tx=rollback, handling=strict, role=postgres",
    "x-role": "'; set role postgres; --",
  }).catch((): [number, string] => [0, ""]);
  assert.notEqual(status, 0);
  await assertAlive();
});

Deno.test("gateway serves a hundred callers at once over a handful of connections", async () => {
  const calls = Array.from({ length: 100 }, (_, index) => client.rpc("keep", { p_text: "x".repeat(index) }));
  assert.deepEqual((await Promise.all(calls)).map(({ data }) => data), calls.map((_, index) => index));
});
