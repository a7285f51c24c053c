import assert from "node:assert/strict";
import { openGateway } from "../helpers/gateway.ts";

const SCHEMA = `
create type public.mood as enum ('calm', 'cross');
create table public.shelf (id int primary key, label text not null, tags text[] not null default '{}');
insert into public.shelf values (1, 'one', '{a,b}'), (2, 'two', '{}'), (3, 'three', '{c}');

create function public.add_up(a int, b int default 2) returns int immutable language sql as 'select a + b';
create function public.echo_types(
  p_text text, p_number numeric, p_json jsonb, p_list int[], p_mood mood, p_at timestamptz, p_flag boolean,
  p_id uuid, p_bytes bytea
) returns jsonb language sql as $$
  select jsonb_build_object('text', p_text, 'number', p_number, 'json', p_json, 'list', p_list, 'mood', p_mood,
    'at', p_at at time zone 'UTC', 'flag', p_flag, 'id', p_id, 'bytes', encode(p_bytes, 'hex'))
$$;
create function public.whole_body(jsonb) returns jsonb language sql as 'select $1';
create function public.whole_text(text) returns text language sql as 'select upper($1)';
create function public.nothing() returns void language sql as '';
create function public.no_value() returns text language sql as 'select null::text';
create function public.big_number() returns bigint language sql as 'select 9007199254740993';
create function public.shelf_rows(p_above int default 0) returns setof shelf stable language sql as
  'select * from public.shelf where id > p_above order by id';
create function public.one_shelf(p_id int) returns shelf stable language sql as
  'select * from public.shelf where id = p_id';
create function public.labels() returns setof text stable language sql as 'select label from public.shelf order by id';
create function public.pairs() returns table (id int, double int) stable language sql as
  'select id, id * 2 from public.shelf order by id';
create function public.single_out(p_in int, out p_out int) language sql as 'select p_in + 1';
create function public.many(p_count int) returns setof int language sql as 'select generate_series(1, p_count)';
create function public.total(variadic p_numbers int[]) returns bigint language sql as
  'select sum(number) from unnest(p_numbers) as number';
create function public."Quoted ""Name"""("The Argument" text) returns text language sql as 'select "The Argument"';
create function public.who() returns jsonb stable language sql as $$
  select jsonb_build_object('role', current_user, 'claims', auth.jwt(), 'uid', auth.uid(),
    'method', current_setting('request.method'), 'path', current_setting('request.path'),
    'agent', current_setting('request.headers')::json ->> 'x-agent',
    'cookie', current_setting('request.cookies')::json ->> 'flavour')
$$;
create function public.answers_itself() returns text language sql as $$
  select set_config('response.status', '202', true), set_config('response.headers', '[{"X-Run": "7"}]', true);
  select 'accepted'
$$;
grant execute on all functions in schema public to service_role;
grant select on public.shelf to service_role;
`;

const stack = await openGateway(SCHEMA);
Deno.test.afterAll(() => stack.close());
const client = stack.client(stack.keys.secret);

Deno.test("gateway passes named arguments and lets defaults stand", async () => {
  assert.deepEqual((await client.rpc("add_up", { a: 1, b: 40 })).data, 41);
  assert.deepEqual((await client.rpc("add_up", { a: 1 })).data, 3);
});

Deno.test("gateway lets the server cast every type of argument", async () => {
  const { data, error } = await client.rpc("echo_types", {
    p_text: `O'Brien "quoted" \\ $1 ünïcödé 🙂`,
    p_number: 12345678901234.5,
    p_json: { deep: [1, { more: null }] },
    p_list: [1, 2, 3],
    p_mood: "calm",
    p_at: "2026-11-21T12:00:00+02:00",
    p_flag: true,
    p_id: "00000000-0000-4000-8000-000000000009",
    p_bytes: "\\xdeadbeef",
  });
  assert.equal(error, null);
  assert.deepEqual(data, {
    text: `O'Brien "quoted" \\ $1 ünïcödé 🙂`,
    number: 12345678901234.5,
    json: { deep: [1, { more: null }] },
    list: [1, 2, 3],
    mood: "calm",
    at: "2026-11-21T10:00:00",
    flag: true,
    id: "00000000-0000-4000-8000-000000000009",
    bytes: "deadbeef",
  });
});

Deno.test("gateway gives the whole body to a single argument without a name", async () => {
  assert.deepEqual((await client.rpc("whole_body", { any: ["thing"] })).data, { any: ["thing"] });
  const answer = await stack.send("/rest/v1/rpc/whole_text", {
    method: "POST",
    headers: { apikey: stack.keys.secret, "content-type": "text/plain" },
    body: "loud",
  });
  assert.equal(await answer.json(), "LOUD");
});

Deno.test("gateway answers void with 204 and null with null", async () => {
  const nothing = await client.rpc("nothing");
  assert.deepEqual([nothing.status, nothing.data, nothing.error], [204, null, null]);
  const noValue = await client.rpc("no_value");
  assert.deepEqual([noValue.status, noValue.data], [200, null]);
});

Deno.test("gateway does not round what JavaScript cannot hold", async () => {
  const answer = await stack.send("/rest/v1/rpc/big_number", { method: "POST" });
  assert.equal(await answer.text(), "9007199254740993");
});

Deno.test("gateway answers a set with an array, of rows or of values", async () => {
  assert.deepEqual((await client.rpc("shelf_rows", { p_above: 2 })).data, [{
    id: 3,
    label: "three",
    tags: ["c"],
  }]);
  assert.deepEqual((await client.rpc("shelf_rows", { p_above: 9 })).data, []);
  assert.deepEqual((await client.rpc("labels")).data, ["one", "two", "three"]);
  assert.deepEqual((await client.rpc("pairs")).data?.[1], { id: 2, double: 4 });
});

Deno.test("gateway answers one composite value with an object, and so a single out argument", async () => {
  assert.deepEqual((await client.rpc("one_shelf", { p_id: 1 })).data, {
    id: 1,
    label: "one",
    tags: ["a", "b"],
  });
  assert.deepEqual((await client.rpc("single_out", { p_in: 4 })).data, { p_out: 5 });
});

Deno.test("gateway gives exactly one row as an object when single() asks for it", async () => {
  const one = await client.rpc("shelf_rows", { p_above: 2 }).single();
  assert.deepEqual([one.status, one.data], [200, { id: 3, label: "three", tags: ["c"] }]);
  for (const above of [0, 9]) {
    const other = await client.rpc("shelf_rows", { p_above: above }).single();
    assert.deepEqual([other.status, other.error?.code], [406, "PGRST116"]);
    assert.equal(other.error?.details, `The result contains ${above === 0 ? 3 : 0} rows`);
  }
  assert.equal((await client.rpc("shelf_rows", { p_above: 9 }).maybeSingle()).data, null);
});

Deno.test("gateway cuts a set at the row limit and counts it when asked", async () => {
  const { data, count } = await client.rpc("many", { p_count: 1_200 }, { count: "exact" });
  assert.deepEqual([data?.length, count], [1_000, 1_200]);
});

Deno.test("gateway takes arguments of a GET from the address", async () => {
  assert.equal((await client.rpc("add_up", { a: 1, b: 2 }, { get: true })).data, 3);
  assert.deepEqual((await client.rpc("shelf_rows", { p_above: 2 }, { get: true })).data?.length, 1);
  assert.equal(
    await (await stack.send("/rest/v1/rpc/total?p_numbers=1&p_numbers=2&p_numbers=39")).json(),
    42,
  );
});

Deno.test("gateway answers HEAD like GET without a body", async () => {
  const { data, status, count } = await client.rpc("shelf_rows", {}, { head: true, count: "exact" });
  assert.deepEqual([data, status, count], [null, 200, 3]);
});

Deno.test("gateway passes variadic arguments from a body", async () => {
  assert.equal((await client.rpc("total", { p_numbers: [1, 2, 3] })).data, 6);
});

Deno.test("gateway quotes names of functions and arguments", async () => {
  const { data, error } = await client.rpc('Quoted "Name"', { "The Argument": "kept" });
  assert.deepEqual([data, error], ["kept", null]);
});

Deno.test("gateway tells the function who calls, how and with what", async () => {
  const { token } = stack;
  const userId = "00000000-0000-4000-8000-000000000002";
  const claims = { sub: userId, role: "authenticated", app_metadata: { role: "admin" } };
  await stack.database.query("grant execute on function public.who() to authenticated");
  const answer = await stack.send("/rest/v1/rpc/who", {
    method: "POST",
    headers: {
      apikey: stack.keys.publishable,
      authorization: `Bearer ${await token(claims)}`,
      "x-agent": "a test",
      cookie: "flavour=oat; other=1",
    },
  });
  assert.deepEqual(await answer.json(), {
    role: "authenticated",
    claims,
    uid: userId,
    method: "POST",
    path: "/rpc/who",
    agent: "a test",
    cookie: "oat",
  });
});

Deno.test("gateway lets the function choose status and headers of its answer", async () => {
  const answer = await stack.send("/rest/v1/rpc/answers_itself", { method: "POST" });
  assert.deepEqual([answer.status, answer.headers.get("x-run"), await answer.json()], [202, "7", "accepted"]);
});

Deno.test("gateway takes an array of objects by its first, as PostgREST does", async () => {
  const answer = await stack.send("/rest/v1/rpc/add_up", {
    method: "POST",
    body: '[{"a":1},{"a":9}]',
    headers: {
      apikey: stack.keys.secret,
      "content-type": "application/json",
    },
  });
  assert.equal(await answer.json(), 3);
});

Deno.test("gateway finds a function that was made after its first call failed", async () => {
  assert.equal((await client.rpc("made_later", {})).error?.code, "PGRST202");
  await stack.database.query("create function public.made_later() returns int language sql as 'select 1'");
  await stack.database.query("grant execute on function public.made_later() to service_role");
  assert.equal((await client.rpc("made_later", {})).data, 1);
});

Deno.test("gateway finds the new arguments of a function that was made anew", async () => {
  await stack.database.query("create function public.remade(a int) returns int language sql as 'select a'");
  await stack.database.query("grant execute on function public.remade(int) to service_role");
  assert.equal((await client.rpc("remade", { a: 1 })).data, 1);
  await stack.database.query(`drop function public.remade(int);
    create function public.remade(b int) returns int language sql as 'select b * 10';
    grant execute on function public.remade(int) to service_role`);
  assert.equal((await client.rpc("remade", { b: 1 })).data, 10);
});

Deno.test("gateway keeps nothing of a request for the next one", async () => {
  const userToken = await stack.token({ sub: "x", role: "authenticated" });
  await stack.client(stack.keys.publishable, userToken).rpc("who");
  const { data } = await client.rpc("who");
  assert.deepEqual(data?.claims, { iss: "supabase-local", ref: "local", role: "service_role" });
  assert.equal(data?.role, "service_role");
});
