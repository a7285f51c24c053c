import assert from "node:assert/strict";
import { readUnknownToInterface } from "../../supabase/functions/_shared/core/unknownToInterface.ts";
import { createHealingFetch } from "../../supabase/functions/_shared/healingFetch.ts";
import { createServerClient, rpcOverHttp } from "../../supabase/functions/_shared/supabaseClient.ts";
import { GATEWAY_URL, openGateway } from "../helpers/gateway.ts";
import { createTestDatabase } from "../helpers/database.ts";

const SCHEMA = `
  create table authors (id int primary key);
  create table books (id int primary key, title text, author_id int references authors);
  create schema hidden; create table hidden.films (id int primary key);
  create function find_books(p_search_text text, p_most int default 10) returns text language sql as 'select p_search_text || p_most';
  create function twice(a int) returns int language sql as 'select a'; create function twice(b text) returns text language sql as 'select b';
  create function unnamed(int) returns int language sql as 'select $1';
  update healing_settings set wanted = '"auto"', actual = '"auto"' where key = 'mode_database'`;

function missingIn(code: string, message: string): string {
  const missing = readUnknownToInterface(code, message)!;
  return JSON.stringify({ ...missing, schema: missing.schema ?? "public" });
}

Deno.test("refresh_schema_cache() tells an old copy from what is missing, and reloads once a minute for it", async () => {
  await using database = await createTestDatabase();
  await database.query(SCHEMA);
  const ask = async (missing: string) => {
    const [row] = await database.query<{ answer: Record<string, unknown> }>(
      "select refresh_schema_cache($1::jsonb) as answer",
      [missing],
    );
    return row!.answer;
  };
  const cases: [string, string, string][] = [
    ["PGRST204", "Could not find the 'title' column of 'books' in the schema cache", "stale"],
    ["PGRST204", "Could not find the 'subtitle' column of 'books' in the schema cache", "missing"],
    ["PGRST205", "Could not find the table 'public.books' in the schema cache", "stale"],
    ["PGRST205", "Could not find the table 'public.films' in the schema cache", "missing"],
    ["PGRST200", "Could not find a relationship between 'books' and 'authors' in the schema cache", "stale"],
    ["PGRST202", "Could not find the function public.find_books(p_search_text) in the schema cache", "stale"],
    ["PGRST202", "Could not find the function public.twice(c) in the schema cache", "missing"],
    ["PGRST202", "Could not find the function public.unnamed(x) in the schema cache", "missing"],
  ];
  for (const [code, message, status] of cases) {
    assert.deepEqual(await ask(missingIn(code, message)), { status }, message);
  }
  const other = "Could not find the function public.find_books(searchText) in the schema cache";
  assert.deepEqual(await ask(missingIn("PGRST202", other)), {
    status: "missing",
    arguments: [
      { name: "p_search_text", type: "text", nullable: true, required: true },
      { name: "p_most", type: "integer", nullable: true, required: false },
    ],
  });
  const [{ reloads }] = await database.query<{ reloads: number }>(
    "select count(*)::int as reloads from healing_private.schema_cache_refreshes where missing <> ''",
  ) as [{ reloads: number }];
  assert.equal(reloads, 1, "four things in less than a second are one reload");
  for (
    const wrong of ["{}", '{"missing": "table"}', '{"missing": "drop", "name": "a", "schema": "b"}', "[]"]
  ) {
    await assert.rejects(ask(wrong), /needs a kind, a schema and a name/);
  }
});

Deno.test("refresh_schema_cache() obeys the switches and is nobody's but the service's", async () => {
  await using database = await createTestDatabase();
  await database.query(SCHEMA);
  const column = missingIn("PGRST204", "Could not find the 'title' column of 'books' in the schema cache");
  const call = missingIn(
    "PGRST202",
    "Could not find the function public.find_books(searchText) in the schema cache",
  );
  const ask = (missing: string) =>
    database.query<{ answer: unknown }>("select refresh_schema_cache($1::jsonb) as answer", [missing]);
  await database.query(
    `update healing_settings set wanted = '"suggest"', actual = '"suggest"' where key = 'mode_database'`,
  );
  assert.deepEqual((await ask(column))[0]!.answer, { status: "off" });
  await database.query(
    `update healing_settings set wanted = 'false', actual = 'false' where key = 'enabled'`,
  );
  assert.deepEqual((await ask(call))[0]!.answer, { status: "missing" });
  for (const role of ["anon", "authenticated"]) {
    await assert.rejects(
      database.query(`set role ${role}; select refresh_schema_cache('{}')`),
      /permission denied/,
    );
    await database.query("reset role");
  }
});

Deno.test("a call through the gateway finds the function whose arguments are spelled otherwise, with the caller's own rights", async () => {
  const gateway = await openGateway(
    `${SCHEMA}; revoke all on function find_books(text, int) from public, anon;
    grant execute on function find_books(text, int) to authenticated`,
  );
  try {
    const direct: typeof fetch = (input, init) => gateway.gateway(new Request(input, init));
    const service = rpcOverHttp(createServerClient(GATEWAY_URL, gateway.keys.secret, direct));
    const mended: string[] = [];
    const send = createHealingFetch({
      send: direct,
      service: () => Promise.resolve(service),
      onMended: ({ mend }) => mended.push(mend),
    });
    const token = await gateway.token({
      sub: "anna",
      role: "authenticated",
      exp: Math.floor(Date.now() / 1_000) + 600,
    });
    const anna = createServerClient(GATEWAY_URL, gateway.keys.publishable, (input, init) => {
      const headers = new Headers(init?.headers);
      headers.set("authorization", `Bearer ${token}`);
      return send(input, { ...init, headers });
    });
    const { data } = await anna.rpc("find_books", { searchText: "sea" });
    assert.deepEqual([data, mended], ["sea10", ["renamed_arguments"]]);
    const nobody = createServerClient(GATEWAY_URL, gateway.keys.publishable, send);
    const { error } = await nobody.rpc("find_books", { searchText: "sea" });
    assert.equal(error?.code, "42501", "the right is the caller's, whatever the call is mended with");
  } finally {
    await gateway.close();
  }
});
