import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import {
  createResilientDb,
  createWriteBreaker,
} from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import { readSettings } from "../../supabase/functions/_shared/core/settings.ts";
import { createServerClient } from "../../supabase/functions/_shared/supabaseClient.ts";
import { initializeEnterpriseInfrastructure } from "../../supabase/functions/_shared/universalIntegrationHelper.ts";
import { closeIsolate } from "../../supabase/functions/_shared/universalIntegrationHelper/isolate.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { FakeClock } from "../helpers/fakeClock.ts";
import { waitFor } from "../helpers/waiting.ts";
import { callerOf, rowsOf } from "../helpers/writers.ts";

Deno.test("a value under a key that means something to JavaScript is parked like any other", async () => {
  await using database = await createTestDatabase();
  await database.query(
    "create table notes (text text not null); grant select, insert on notes to service_role",
  );
  const db = createResilientDb(callerOf(database, "service_role"));
  for (const value of ['{"deep":1}', '"plain"']) {
    const row = JSON.parse(`{"text":"a","__proto__":${value},"constructor":1}`);
    const { results } = await db.insert("notes", row);
    assert.deepEqual(results[0]!.parked, ["__proto__", "constructor"]);
  }
  const events = await database.query<{ rows: string }>(
    "select details ->> 'rows' as rows from healing_events where event_type = 'values_parked' order by created_at",
  );
  assert.deepEqual(events.map(({ rows }) => rows), [
    '{"0": {"__proto__": {"deep": 1}, "constructor": 1}}',
    '{"0": {"__proto__": "plain", "constructor": 1}}',
  ]);
});

Deno.test("what waited in the spool and is cut into rounds once more is written once, whoever sends it again", async () => {
  await using database = await createTestDatabase();
  await database.query(
    `create table log (n int, role text not null); grant select, insert on log to authenticated`,
  );
  // More bad rows than a request has savepoints: the rest takes further rounds.
  const rows = rowsOf(400, (n) => ({ n, role: n % 2 === 0 ? "user" : null }));
  const caller = callerOf(database, "authenticated", { sub: "anna" });
  let answered = 0;
  let isUp = true;
  const away: RpcPort = {
    call: async (name, args) => {
      if (!isUp) throw new HealingError("UNAVAILABLE", "The database did not answer");
      const answer = await caller.call(name, args);
      isUp = ++answered !== 1;
      return answer as never;
    },
  };
  const clock = new FakeClock("2026-01-01T00:00:00Z");
  clock.sleep = (ms) => (clock.advance(ms), setImmediate());
  const db = createResilientDb(away, {
    clock,
    breaker: createWriteBreaker(undefined, { clock, cooldownMs: 1_000 }),
    onLost: () => {},
  });
  const first = await db.insertMany("log", rows, { key: "once" });
  assert.ok(first.results.some(({ status }) => status === "queued"), "the second round waits");
  isUp = true;
  const count = async () => (await database.query("select from log")).length;
  await waitFor("what waited", async () => await count() === 200);
  const again = await createResilientDb(caller).insertMany("log", rows, { key: "once" });
  assert.equal(again.results.length, rows.length);
  assert.equal(await count(), 200);
});

Deno.test("a write that was made while healing was off is answered again under its key, by whoever knows the table", async () => {
  await using database = await createTestDatabase();
  await database.query(`create table messages (role text not null, content text not null);
    grant select, insert on messages to authenticated`);
  const caller = callerOf(database, "authenticated", { sub: "anna" });
  const known = createResilientDb(caller);
  await known.insert("messages", { sender: "user", message: "first" });
  await database.query(`update healing_settings set wanted = '"off"' where key = 'mode_payload'`);
  const rows = [{ role: "user", content: "a" }, { sender: "user", message: "b" }];
  for (const db of [createResilientDb(caller), known, known, createResilientDb(caller)]) {
    const { results } = await db.insertMany("messages", rows, { key: "off" });
    assert.deepEqual(results.map(({ status }) => status), ["saved", "failed"]);
    assert.equal(results[1]!.error!.code, "KILL_SWITCH");
  }
  const { results } = await known.insertMany("messages", rows, { key: "off, known first" });
  assert.deepEqual(results.map(({ status }) => status), ["saved", "failed"]);
  const again = await createResilientDb(caller).insertMany("messages", rows, { key: "off, known first" });
  assert.deepEqual(again.results.map(({ status }) => status), ["saved", "failed"]);
  assert.equal((await database.query("select from messages")).length, 3);
});

Deno.test("protectedDBCall() opens its breaker for a database that is away, as supabase-js says it, and for none that refuses", async () => {
  const settings = { ...readSettings({ get: () => undefined }), url: "http://127.0.0.1:9" };
  const request = new Request("http://localhost/functions/v1/away-or-not");
  const { protectedDBCall } = await initializeEnterpriseInfrastructure(request, { settings });
  let asked = 0;
  const refuse = (error: Record<string, unknown>) => () => (asked++, Promise.resolve({ data: null, error }));
  const refused = { message: "permission denied", code: "42501", details: null, hint: null };
  for (let time = 0; time < 8; time++) {
    await assert.rejects(
      protectedDBCall(refuse(refused)),
      (error: HealingError) => error.code === "FORBIDDEN",
    );
  }
  assert.equal(asked, 8);
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  const client = createServerClient(`http://127.0.0.1:${port}`, "a-key");
  for (let time = 0; time < 8; time++) {
    await assert.rejects(
      protectedDBCall(async () => (asked++, await client.from("notes").insert({ text: "a" }))),
      (error: HealingError) => error.code === "UNAVAILABLE" && !error.message.includes(`${port}`),
    );
  }
  closeIsolate();
  assert.equal(asked, 8 + 5, "after five failures nobody asks");
});

Deno.test("a parked value is kept with what it belongs to, so that somebody can bring it to its column later", async () => {
  await using database = await createTestDatabase();
  await database.query(`create table notes (id int primary key, text text);
    grant select, insert, update on notes to authenticated`);
  const db = createResilientDb(callerOf(database, "authenticated", { sub: "anna" }));
  await db.insertMany("notes", [{ id: 1, text: "a" }, { id: 2, text: "b", workflow: { step: 1 } }]);
  await db.update("notes", { text: "c", workflow: { step: 2 } }, { id: 1 });
  await database.query("alter table notes add column workflow jsonb");
  await database.query(`update notes set workflow = p.value -> 'workflow'
    from healing_events as e, jsonb_each(e.details -> 'rows') as p
    where e.event_type = 'values_parked' and e.details ->> 'operation' = 'insert'
      and notes.id = (e.details -> 'written' -> p.key ->> 'id')::int`);
  await database.query(
    `update notes set workflow = e.details -> 'rows' -> '0' -> 'workflow' from healing_events as e
    where e.event_type = 'values_parked' and e.details ->> 'operation' = 'update'
      and notes.id = (e.details -> 'filter' ->> 'id')::int`,
  );
  assert.deepEqual(await database.query("select id, text, workflow from notes order by id"), [
    { id: 1, text: "c", workflow: { step: 2 } },
    { id: 2, text: "b", workflow: { step: 1 } },
  ]);
});

Deno.test("names of any writing and 10,000 rows of them are written, and a name is never more than a name", async () => {
  await using database = await createTestDatabase();
  const name = 'Grüße "; drop table 日本 --';
  const quoted = `"${name.replaceAll('"', '""')}"`;
  await database.query(`create table ${quoted} ("ключ 🔑" int primary key, "a'b" text);
    grant select, insert on ${quoted} to authenticated`);
  const db = createResilientDb(callerOf(database, "authenticated", { sub: "anna" }));
  const rows = rowsOf(10_000, (n) => ({ "ключ 🔑": n, "a'b": `${n}` }));
  const { results } = await db.insertMany(name, rows, { key: "много" });
  assert.ok(results.every(({ status }) => status === "saved"));
  assert.equal((await db.insertMany(name, rows, { key: "много" })).rows, 10_000);
  assert.equal((await database.query(`select from ${quoted}`)).length, 10_000);
});

Deno.test("a write inside a savepoint stores what came of it: the row that failed is not called saved when it is sent again", async () => {
  await using database = await createTestDatabase();
  await database.query(
    "create table notes (text text not null); grant select, insert on notes to service_role",
  );
  const write =
    `select write_rows('notes', '[{"text":"a"},{"text":null}]', '{"key":"once"}') ->> 'status' as status`;
  const session = await database.connect();
  for (let time = 0; time < 2; time++) {
    await session.query("begin; savepoint part");
    assert.deepEqual(await session.query(write).then(({ rows }) => rows), [{ status: "mixed" }]);
    await session.query("release savepoint part; commit");
  }
  // Nothing was made: the key is free again.
  const nothing = `select write_rows('notes', '[{"text":null}]', '{"key":"none"}') ->> 'rows' as rows`;
  await session.query(`begin; savepoint part; ${nothing}; release savepoint part; commit`);
  assert.equal((await database.query("select from write_ledger where idempotency_key = 'none'")).length, 0);
  assert.equal((await database.query("select from notes")).length, 1);
});
