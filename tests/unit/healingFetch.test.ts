import assert from "node:assert/strict";
import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import { createHealingFetch } from "../../supabase/functions/_shared/healingFetch.ts";
import { good, healing, KEY, refused, REST } from "../helpers/healingFetch.ts";
import { FakeClock } from "../helpers/fakeClock.ts";

const noColumn = refused(400, "PGRST204", "Could not find the 'note' column of 'items' in the schema cache");

/** A catalogue that always says the same. */
function service(answer: unknown) {
  const asked: unknown[] = [];
  const port: RpcPort = {
    call: (name, args) => (asked.push([name, args]), Promise.resolve(answer as never)),
  };
  return { asked, service: () => Promise.resolve(port) };
}

Deno.test("createHealingFetch() costs nothing while nothing fails, and hands on what it does not know as it came", async () => {
  const { client, sent } = healing([good]);
  assert.deepEqual((await client.from("items").select()).data, [{ id: 1 }]);
  assert.equal(sent.length, 1);
  for (
    const answer of [
      refused(409, "23505", "duplicate key value"),
      refused(400, "PGRST100", "failed to parse filter"),
      refused(
        406,
        "PGRST116",
        "Cannot coerce the result to a single JSON object",
        "The result contains 0 rows",
      ),
      refused(300, "PGRST201", "Could not embed because more than one relationship was found"),
      () => new Response("<html>bad gateway</html>", { status: 502 }),
      () => new Response("null", { status: 400 }),
      () => new Response("", { status: 400 }),
      () => Response.json({ code: 42, message: {} }, { status: 400 }),
    ]
  ) {
    const { client, sent, mended } = healing([answer], service({ status: "stale" }));
    const { status } = await client.from("items").insert({ id: 1 });
    assert.equal(status, answer().status);
    assert.deepEqual([sent.length, mended.length], [1, 0]);
  }
});

Deno.test("a copy of the schema that is old is read again, and the same call made once more, a write too", async () => {
  const catalogue = service({ status: "stale" });
  const { client, sent, mended } = healing([noColumn, good], catalogue);
  const { error } = await client.schema("shop").from("items").insert({ id: 1, note: "x" }).select();
  assert.equal(error, null);
  assert.deepEqual([mended, sent.length], [["stale_schema_cache"], 2]);
  assert.deepEqual([sent[1]!.body, sent[1]!.path], [sent[0]!.body, sent[0]!.path]);
  assert.deepEqual(catalogue.asked, [["refresh_schema_cache", {
    p_missing: { missing: "column", name: "items", schema: "shop", part: "note", arguments: [] },
  }]]);
});

Deno.test("what is truly missing is sent once and looked up once a minute; a copy that stays old is let be for an hour", async () => {
  const clock = new FakeClock("2026-01-01T00:00:00Z");
  const missing = service({ status: "missing" });
  const one = healing([noColumn], { ...missing, clock });
  for (let call = 0; call < 3; call++) {
    assert.equal((await one.client.from("items").insert({ note: "x" })).error?.code, "PGRST204");
  }
  assert.deepEqual([one.sent.length, missing.asked.length], [3, 1]);
  clock.advance(61_000);
  await one.client.from("items").insert({ note: "x" });
  assert.equal(missing.asked.length, 2);

  const stale = service({ status: "stale" });
  const two = healing([noColumn], stale);
  assert.equal((await two.client.from("items").insert({ note: "x" })).error?.code, "PGRST204");
  assert.equal(two.sent.length, 3);
  await two.client.from("items").insert({ note: "x" });
  assert.equal(two.sent.length, 4, "not tried again");
});

Deno.test("callers who make up names cost a bounded number of look-ups", async () => {
  const catalogue = service({ status: "missing" });
  let count = 0;
  const { client, sent } = healing([
    () =>
      refused(400, "PGRST204", `Could not find the 'c${count++}' column of 'items' in the schema cache`)(),
  ], catalogue);
  for (let call = 0; call < 50; call++) await client.from("items").insert({ id: call });
  assert.deepEqual([sent.length, catalogue.asked.length], [50, 30]);
});

Deno.test("a call whose arguments are spelled otherwise gets the same values under their own names, and only then", async () => {
  const noFunction = (args: string) =>
    refused(404, "PGRST202", `Could not find the function public.find_notes(${args}) in the schema cache`);
  const takes = (...names: string[]) =>
    service({
      status: "missing",
      arguments: names.map((name) => ({ name, type: "text", nullable: true, required: true })),
    });
  const found = healing([noFunction("searchText"), good], takes("search_text"));
  assert.equal((await found.client.rpc("find_notes", { searchText: "x" })).error, null);
  assert.deepEqual([JSON.parse(found.sent[1]!.body!), found.mended], [{ search_text: "x" }, [
    "renamed_arguments",
  ]]);
  const cases: [Record<string, unknown>, string[]][] = [
    [{ searchText: "x" }, ["search_text", "owner"]],
    [{ searchText: "x", more: "y" }, ["search_text"]],
    [{ searchText: "x" }, ["something_else"]],
    [{ userId: "x" }, ["owner_id"]],
    [{ amount: "1" }, ["price"]],
    [{}, ["search_text"]],
  ];
  for (const [given, own] of cases) {
    const { client, sent } = healing([noFunction(Object.keys(given).join(", ")), good], takes(...own));
    const { error } = await client.rpc("find_notes", given);
    assert.equal(error?.code, "PGRST202", JSON.stringify(given));
    assert.equal(sent.length, 1, JSON.stringify(given));
  }
  const unnamed = healing([noFunction("searchText"), good], service({ status: "missing" }));
  assert.equal((await unnamed.client.rpc("find_notes", { searchText: "x" })).error?.code, "PGRST202");
});

Deno.test("a read that its caller reads as JSON is asked for as JSON, and no other form is replaced", async () => {
  const notGiven = refused(
    406,
    "PGRST107",
    "None of these media types are available: application/vnd.api+json",
  );
  const ask = async (accept: string, method = "GET") => {
    const { request, sent } = healing([notGiven, good]);
    const { status } = await request(`${REST}/items?id=eq.1`, { method, headers: { accept } });
    return [status, sent.length, sent.at(-1)!.headers.get("accept"), sent.at(-1)!.path];
  };
  assert.deepEqual(await ask("application/vnd.api+json"), [
    200,
    2,
    "application/json",
    "/rest/v1/items?id=eq.1",
  ]);
  for (
    const accept of [
      "text/csv",
      "application/vnd.pgrst.object+json",
      "application/geo+json",
      "application/octet-stream",
      "application/json",
      "application/vnd.pgrst.plan+text",
    ]
  ) {
    assert.deepEqual((await ask(accept)).slice(0, 2), [406, 1], accept);
  }
  assert.deepEqual((await ask("application/vnd.api+json", "PATCH")).slice(0, 2), [406, 1]);
});

Deno.test("a key of the newer kind that was sent as a token goes into its own place, and no other key is tried", async () => {
  const noToken = refused(401, "PGRST301", "Expected 3 parts in JWT; got 1");
  const ask = async (headers: Record<string, string>) => {
    const { request, sent, mended } = healing([noToken, good]);
    await request(`${REST}/items`, { headers });
    return { sent, mended };
  };
  const { sent, mended } = await ask({ authorization: `Bearer ${KEY}`, apikey: KEY });
  assert.deepEqual(mended, ["key_as_token"]);
  assert.deepEqual([sent[1]!.headers.get("authorization"), sent[1]!.headers.get("apikey")], [null, KEY]);
  assert.equal((await ask({ authorization: "Bearer sb_secret_other", apikey: KEY })).sent.length, 1);
  assert.equal((await ask({ authorization: "Bearer garbage", apikey: KEY })).sent.length, 1);
});

Deno.test("an expired token is renewed once for all who wait, each call is made once more, and a dead session is let be", async () => {
  let asked = 0;
  const expired = refused(401, "PGRST303", "JWT expired");
  const renew = (token: string | null) => () => (asked++, Promise.resolve(token));
  const answer = (headers: Headers) => headers.get("authorization") === "Bearer new" ? good() : expired();
  const send: typeof fetch = (_input, init) => Promise.resolve(answer(new Headers(init?.headers)));
  const request = createHealingFetch({ send, refreshToken: renew("new") });
  const call = (token: string) =>
    request(`${REST}/items`, { method: "POST", body: "{}", headers: { authorization: `Bearer ${token}` } });
  const answers = await Promise.all(["old", "old", "old"].map(call));
  assert.deepEqual([answers.map(({ status }) => status), asked], [[200, 200, 200], 1]);

  asked = 0;
  const dead = createHealingFetch({ send, refreshToken: renew(null) });
  for (let times = 0; times < 3; times++) {
    const { status } = await dead(`${REST}/items`, { headers: { authorization: "Bearer old" } });
    assert.equal(status, 401);
  }
  assert.equal(asked, 1);
  asked = 0;
  const notExpired: typeof fetch = () => Promise.resolve(refused(401, "PGRST301", "No suitable key")());
  await createHealingFetch({ send: notExpired, refreshToken: renew("new") })(`${REST}/items`, {
    headers: { authorization: "Bearer old" },
  });
  assert.equal(asked, 0);
});

Deno.test("a call that was not begun is made again, a write that may have been is not", async () => {
  const cases: [string, string, number, number][] = [
    ["POST", "PGRST003", 504, 3],
    ["GET", "PGRST003", 504, 3],
    ["POST", "PGRST002", 503, 3],
    ["POST", "PGRST001", 503, 1],
    ["POST", "PGRST000", 503, 1],
    ["GET", "PGRST001", 503, 1],
  ];
  for (const [method, code, status, requests] of cases) {
    const { request, sent } = healing([refused(status, code, "trouble")]);
    const answer = await request(`${REST}/items`, { method, ...(method === "POST" ? { body: "{}" } : {}) });
    assert.deepEqual([answer.status, sent.length], [status, requests], `${method} ${code}`);
    assert.equal(JSON.parse(await answer.text()).code, code, "the answer can be read");
  }
});

Deno.test("what lasts behind 503 is not sent again by the client itself", async () => {
  const send = async (answer: () => Response) => {
    const { request, sent } = healing([answer]);
    const said = [];
    for (let count = 0; count < 4; count++) {
      const headers: Record<string, string> = count === 0 ? {} : { "X-Retry-Count": `${count}` };
      said.push((await request(`${REST}/items`, { headers })).status);
    }
    return [sent.length, said];
  };
  const all = [503, 503, 503, 503];
  assert.deepEqual(
    await send(refused(503, "PGRST000", "incorrect db-uri", "password authentication failed")),
    [1, all],
  );
  assert.deepEqual(await send(refused(503, "53100", "could not extend file: No space left on device")), [
    1,
    all,
  ]);
  assert.deepEqual(await send(refused(503, "PGRST000", "incorrect db-uri", "Connection refused")), [4, all]);
  assert.deepEqual(await send(refused(503, "PGRST001", "Database client error")), [4, all]);
});

Deno.test("a way to a remedy that fails, a caller who stops and a listener that throws leave the answer as it was", async () => {
  const broken = healing([noColumn], { service: () => Promise.reject(new Error("no database")) });
  assert.equal((await broken.client.from("items").insert({ note: "x" })).error?.code, "PGRST204");
  assert.equal(broken.sent.length, 1);
  const stopped = new AbortController();
  const waiting = healing([refused(504, "PGRST003")], { baseDelayMs: 60_000 });
  const answer = waiting.request(`${REST}/items`, { signal: stopped.signal });
  await Promise.resolve();
  stopped.abort();
  assert.equal((await answer).status, 504);
  const listened = healing([refused(504, "PGRST003"), good], {
    onMended: () => {
      throw new Error("the listener");
    },
  });
  assert.equal((await listened.request(`${REST}/items`)).status, 200);
  assert.throws(() => createHealingFetch({ baseDelayMs: Number.NaN }), RangeError);
});

Deno.test("calls of other services, and bodies that have gone, are handed on", async () => {
  for (const path of ["/auth/v1/token", "/functions/v1/chat", "/rest/v2/items"]) {
    const { request, sent } = healing([refused(504, "PGRST003")]);
    assert.equal((await request(`https://project.test${path}`)).status, 504);
    assert.equal(sent.length, 1, path);
  }
  const { request, sent } = healing([refused(504, "PGRST003")]);
  await request(`${REST}/items`, { method: "POST", body: new Blob(["{}"]).stream() });
  await request(new Request(`${REST}/items`));
  assert.equal(sent.length, 2);
});
