import assert from "node:assert/strict";
import { openGateway } from "../helpers/gateway.ts";
import { waitFor } from "../helpers/waiting.ts";

const SCHEMA = `
create table public.books (id int primary key, title text not null, pages int check (pages > 0));
create table public.loans (id int primary key, book_id int references public.books deferrable initially deferred);
create function public.run_sql(p_sql text) returns void language plpgsql as $$ begin execute p_sql; end $$;
create function public.volatile_write() returns void language sql as 'insert into public.books values (9, ''x'')';
create function public.stable_write() returns void stable language sql as 'select public.volatile_write()';
create function public.refuse() returns void language plpgsql as $$
begin
  raise sqlstate 'PT409' using message = 'It is taken', detail = 'since yesterday', hint = 'take another';
end $$;
create function public.plain_raise() returns void language plpgsql as $$ begin raise exception 'no more'; end $$;
create function public.own_answer() returns void language plpgsql as $$
begin
  raise sqlstate 'PGRST' using
    message = '{"code":"PAY","message":"Payment required","details":"two coins"}',
    detail = '{"status":402,"headers":{"retry-after":"7"}}';
end $$;
create function public.wrong_status() returns text language sql as
  $$ select set_config('response.status', 'often', true) $$;
create function public.wrong_headers() returns text language sql as
  $$ insert into public.books values (77, 'left behind'); select set_config('response.headers', '{}', true) $$;
create function public.nap(p_seconds numeric) returns void language sql as 'select pg_sleep(p_seconds)';
create function public.long_nap() returns void language sql set statement_timeout = '50ms' as 'select pg_sleep(5)';
create function public.choice(a int) returns int language sql as 'select a';
create function public.choice(a text) returns text language sql as 'select a';
create function public.loop_for_ever(p_depth int) returns int language plpgsql as $$
begin return public.loop_for_ever(p_depth + 1); end $$;
create function public.private_one() returns int language sql as 'select 1';
create function public.a_trigger() returns trigger language plpgsql as $$ begin return new; end $$;
revoke execute on all functions in schema public from public;
grant execute on all functions in schema public to service_role;
revoke execute on function public.private_one() from service_role;
grant execute on function public.nap(numeric) to anon, authenticated;
grant all on public.books, public.loans to service_role;
`;

const stack = await openGateway(SCHEMA, {
  statementTimeouts: { anon: "60ms", authenticated: "180ms", "": "8s" },
});
Deno.test.afterAll(() => stack.close());
const client = stack.client(stack.keys.secret);

/** Status, code and message of a call that must fail. */
async function failure(name: string, args: Record<string, unknown> = {}): Promise<[number, string, string]> {
  const { status, error } = await client.rpc(name, args);
  if (error === null) assert.fail(`${name} did not fail`);
  return [status, error.code, error.message];
}

Deno.test("gateway says PGRST202 in PostgREST's words for a function that is not there", async () => {
  const { status, error } = await client.rpc("run_sq", { b: 1, a: 2 });
  assert.equal(status, 404);
  assert.deepEqual({ ...error }, {
    code: "PGRST202",
    message: "Could not find the function public.run_sq(a, b) in the schema cache",
    details:
      "Searched for the function public.run_sq with parameters a, b or with a single unnamed json/jsonb " +
      "parameter, but no matches were found in the schema cache.",
    hint: "Perhaps you meant to call the function public.run_sql",
  });
});

Deno.test("gateway says PGRST202 for arguments that do not fit, and names those that would", async () => {
  const { status, error } = await client.rpc("run_sql", { p_sqll: "" });
  assert.deepEqual([status, error?.code, error?.hint], [
    404,
    "PGRST202",
    "Perhaps you meant to call the function public.run_sql(p_sql)",
  ]);
  const without = await client.rpc("run_sql");
  assert.equal(
    without.error?.message,
    "Could not find the function public.run_sql without parameters in the schema cache",
  );
});

Deno.test("gateway does not call trigger functions", async () => {
  assert.deepEqual((await failure("a_trigger")).slice(0, 2), [404, "PGRST202"]);
});

Deno.test("gateway cannot choose between overloads that take the same names", async () => {
  const { status, error } = await client.rpc("choice", { a: 1 });
  assert.deepEqual([status, error?.code], [300, "PGRST203"]);
  assert.equal(
    error?.message,
    "Could not choose the best candidate function between: public.choice(a => integer), public.choice(a => text)",
  );
});

Deno.test("gateway passes the status that a function chose, with detail and hint", async () => {
  const { status, error } = await client.rpc("refuse");
  assert.equal(status, 409);
  assert.deepEqual({ ...error }, {
    code: "PT409",
    message: "It is taken",
    details: "since yesterday",
    hint: "take another",
  });
});

Deno.test("gateway passes the whole answer that a function chose", async () => {
  const answer = await stack.send("/rest/v1/rpc/own_answer", { method: "POST" });
  assert.deepEqual([answer.status, answer.headers.get("retry-after")], [402, "7"]);
  assert.deepEqual(await answer.json(), {
    code: "PAY",
    message: "Payment required",
    details: "two coins",
    hint: null,
  });
  assert.equal(answer.headers.get("proxy-status"), "PostgREST; error=PAY");
});

Deno.test("gateway gives errors of the database their statuses", async () => {
  const run = (sql: string) => failure("run_sql", { p_sql: sql });
  await client.rpc("run_sql", { p_sql: "insert into public.books values (1, 'one', 1)" });
  assert.deepEqual((await run("insert into public.books values (1, 'again', 1)")).slice(0, 2), [
    409,
    "23505",
  ]);
  assert.deepEqual((await run("insert into public.books values (2, null)")).slice(0, 2), [400, "23502"]);
  assert.deepEqual((await run("insert into public.books values (3, 'x', 0)")).slice(0, 2), [400, "23514"]);
  assert.deepEqual((await run("select * from public.missing")).slice(0, 2), [404, "42P01"]);
  assert.deepEqual((await run("select missing from public.books")).slice(0, 2), [400, "42703"]);
  assert.deepEqual((await run("select missing()")).slice(0, 2), [404, "42883"]);
  assert.deepEqual((await run("select 'x'::int")).slice(0, 2), [400, "22P02"]);
  assert.deepEqual((await run("selec")).slice(0, 2), [400, "42601"]);
  assert.deepEqual(await failure("plain_raise"), [400, "P0001", "no more"]);
  assert.deepEqual((await failure("loop_for_ever", { p_depth: 0 })).slice(0, 2), [500, "54001"]);
});

Deno.test("gateway answers an error that only the commit finds", async () => {
  const [status, code] = await failure("run_sql", { p_sql: "insert into public.loans values (1, 404)" });
  assert.deepEqual([status, code], [409, "23503"]);
});

Deno.test("gateway lets stable functions and GET only read", async () => {
  assert.deepEqual((await failure("stable_write")).slice(0, 2), [405, "25006"]);
  const { status, error } = await client.rpc("volatile_write", {}, { get: true });
  assert.deepEqual([status, error?.code], [405, "25006"]);
});

Deno.test("gateway refuses answers that cannot be made, and undoes their work", async () => {
  assert.deepEqual((await failure("wrong_status")).slice(0, 2), [500, "PGRST112"]);
  assert.deepEqual((await failure("wrong_headers")).slice(0, 2), [500, "PGRST111"]);
  assert.deepEqual(await stack.database.query("select from public.books where id = 77"), []);
});

Deno.test("gateway ends a statement after its role's time", async () => {
  const anonymous = stack.client(stack.keys.publishable);
  const signedIn = stack.client(
    stack.keys.publishable,
    await stack.token({ sub: "x", role: "authenticated" }),
  );
  const late = await anonymous.rpc("nap", { p_seconds: 2 });
  assert.deepEqual([late.status, late.error?.code], [500, "57014"]);
  assert.equal(late.error?.message, "canceling statement due to statement timeout");
  assert.equal((await signedIn.rpc("nap", { p_seconds: 0.1 })).status, 204);
  assert.equal((await signedIn.rpc("nap", { p_seconds: 2 })).error?.code, "57014");
  assert.equal((await client.rpc("nap", { p_seconds: 0.25 })).status, 204);
});

Deno.test("gateway lets a function set its own time", async () => {
  assert.deepEqual((await failure("long_nap")).slice(0, 2), [500, "57014"]);
});

Deno.test("gateway tells anon to sign in and others that they may not", async () => {
  const anonymous = await stack.client(stack.keys.publishable).rpc("private_one");
  assert.deepEqual([anonymous.status, anonymous.error?.code], [401, "42501"]);
  assert.equal(anonymous.error?.message, "permission denied for function private_one");
  assert.deepEqual((await failure("private_one")).slice(0, 2), [403, "42501"]);
});

Deno.test("gateway exposes only its schemas", async () => {
  const { status, error } = await client.schema("healing_private" as "public").rpc("setting", {
    p_key: "enabled",
  });
  assert.deepEqual([status, error?.code, error?.message], [
    406,
    "PGRST106",
    "Invalid schema: healing_private",
  ]);
  assert.equal(error?.hint, "Only the following schemas are exposed: public");
});

Deno.test("gateway refuses methods, media types and filters that it does not do, and says so", async () => {
  const put = await stack.send("/rest/v1/rpc/refuse", { method: "PUT" });
  assert.deepEqual([put.status, (await put.json()).code], [405, "PGRST101"]);
  const csv = await client.rpc("choice", { a: 1 }).csv();
  assert.deepEqual([csv.status, csv.error?.code], [406, "PGRST107"]);
  const filtered = await client.rpc("choice", { a: 1 }).eq("id", 1);
  assert.deepEqual([filtered.status, filtered.error?.code], [400, "PGRST127"]);
  const table = await client.from("books").select();
  assert.deepEqual([table.status, table.error?.code], [400, "PGRST127"]);
});

const CALLS_OF_NAP =
  "from pg_stat_activity where query like '%\"nap\"%' and state = 'active' and pid <> pg_backend_pid()";

Deno.test("gateway replaces connections that died while nobody used them", async () => {
  await Promise.all([1, 2, 3].map(() => client.rpc("nap", { p_seconds: 0.01 })));
  await stack.database.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'authenticator' and datname = current_database()",
  );
  const answers = await Promise.all([1, 2, 3, 4].map(() => client.rpc("nap", { p_seconds: 0 })));
  assert.deepEqual(answers.map(({ status }) => status), [204, 204, 204, 204]);
});

Deno.test("gateway answers 503 when the connection is cut during a call, and does not repeat the call", async () => {
  const cut = client.rpc("nap", { p_seconds: 5 }).then((answer) => answer);
  await waitFor("the call", async () => (await stack.database.query(`select ${CALLS_OF_NAP}`)).length === 1);
  await stack.database.query(`select pg_terminate_backend(pid) ${CALLS_OF_NAP}`);
  const { status, error } = await cut;
  assert.deepEqual([status, error?.code], [503, "57P01"]);
  assert.deepEqual(await stack.database.query(`select ${CALLS_OF_NAP}`), []);
  assert.equal((await client.rpc("nap", { p_seconds: 0 })).status, 204);
});
