import assert from "node:assert/strict";
import { isHealingError } from "../../supabase/functions/_shared/core/errors.ts";
import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import { createResilientDb } from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import type { RequestHeal } from "../../supabase/functions/_shared/healingDb.ts";
import { toDatabaseError } from "../../supabase/functions/_shared/core/databaseErrors.ts";
import { type ApiRole, createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { waitFor } from "../helpers/waiting.ts";

async function withMessages(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await database.query(`
    create table messages (id bigint generated always as identity primary key, role text not null, content text not null, note text default 'none');
    alter table messages enable row level security;
    grant insert, select on messages to anon, authenticated;
    create policy own on messages for insert to authenticated with check ((select auth.jwt()) ->> 'sub' = content)`);
  return database;
}

/** The caller's own way to the database, counting its requests. */
function callerOf(database: TestDatabase, role: ApiRole): RpcPort & { calls: number } {
  return {
    calls: 0,
    async call<T>(name: string, args: Record<string, unknown>): Promise<T> {
      this.calls++;
      try {
        return await database.rpc<T>(name, args, role);
      } catch (error) {
        throw toDatabaseError(error as Error);
      }
    },
  };
}

Deno.test("ResilientDb.insert() lands {sender, message} as role and content, and then needs one request", async () => {
  await using database = await withMessages();
  const caller = callerOf(database, "service_role");
  await database.query("grant insert on messages to service_role");
  const heals: RequestHeal[] = [];
  const db = createResilientDb(caller, { onHealed: (batch) => Promise.resolve(heals.push(...batch)) });
  const first = await db.insert("messages", { sender: "user", message: "Hello" });
  assert.deepEqual(first.healed[0]!.applied.map(({ from, to }) => [from, to]), [["sender", "role"], [
    "message",
    "content",
  ]]);
  assert.equal(caller.calls, 2);
  await db.insert("messages", { sender: "assistant", message: "Hi" });
  assert.equal(caller.calls, 3);
  assert.deepEqual(await database.query("select role, content, note from messages order by id"), [
    { role: "user", content: "Hello", note: "none" },
    { role: "assistant", content: "Hi", note: "none" },
  ]);
  await waitFor("a heal for each key of each call", () => heals.length === 4);
});

Deno.test("ResilientDb.insert() sends a row that fits in one request, and a missing key keeps its default", async () => {
  await using database = await withMessages();
  await database.query("grant insert on messages to service_role");
  const caller = callerOf(database, "service_role");
  const result = await createResilientDb(caller).insert("messages", [
    { role: "user", content: "a" },
    { role: "user", content: "b", note: null },
  ]);
  assert.deepEqual(result, { rows: 2, healed: [] });
  assert.equal(caller.calls, 1);
  assert.deepEqual(await database.query("select content, note from messages order by content"), [
    { content: "a", note: "none" },
    { content: "b", note: null },
  ]);
});

Deno.test("ResilientDb.insert() refuses a key that no column clearly means, and writes nothing", async () => {
  await using database = await withMessages();
  await database.query("grant insert on messages to service_role");
  const db = createResilientDb(callerOf(database, "service_role"));
  for (
    const row of [{ role: "user", content: "x", mood: "good" }, { sender: "admin", message: "x" }, {
      message: "x",
    }]
  ) {
    await assert.rejects(
      db.insert("messages", row),
      (error) => isHealingError(error) && error.code === "BAD_REQUEST",
    );
  }
  assert.deepEqual(await database.query("select from messages"), []);
});

Deno.test("write_rows() writes with the caller's rights: row level security holds", async () => {
  await using database = await withMessages();
  const db = createResilientDb(callerOf(database, "anon"));
  await assert.rejects(
    db.insert("messages", { sender: "user", message: "x" }),
    (error) => isHealingError(error) && error.code === "FORBIDDEN",
  );
});

Deno.test("write_rows() touches no table of the healing system and no schema that is not allowed", async () => {
  await using database = await withMessages();
  const db = createResilientDb(callerOf(database, "service_role"));
  const targets = [
    "healing_settings",
    "auto_fixes",
    "auth.users",
    "healing_private.pattern_evidence",
    "pg_catalog.pg_class",
    "no_such",
    'messages" ; drop table messages; --',
  ];
  for (const target of targets) {
    await assert.rejects(
      db.insert(target, { a: 1 }),
      (error) => isHealingError(error) && error.code === "NOT_FOUND",
      target,
    );
  }
});
