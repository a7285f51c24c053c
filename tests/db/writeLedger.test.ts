import assert from "node:assert/strict";
import { toDatabaseError } from "../../supabase/functions/_shared/core/databaseErrors.ts";
import { systemClock } from "../../supabase/functions/_shared/core/clock.ts";
import { HealingError, isHealingError } from "../../supabase/functions/_shared/core/errors.ts";
import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import { createResilientDb } from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import type { Client } from "../../supabase/functions/_shared/postgres.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { callerOf, rowsOf } from "../helpers/writers.ts";

const IMPATIENT = { ...systemClock, sleep: () => Promise.resolve() };

async function withNotes(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await database.query(
    `create table notes (id int generated always as identity, text text not null, amount int check (amount > 0));
    grant select, insert, update on notes to anon, authenticated, service_role`,
  );
  return database;
}

async function texts(database: TestDatabase): Promise<string[]> {
  return (await database.query<{ text: string }>("select text from notes order by id")).map(({ text }) =>
    text
  );
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => isHealingError(error) && error.code === code;
}

Deno.test("a key writes once however often it is sent, also by others at the same moment", async () => {
  await using database = await withNotes();
  const db = createResilientDb(callerOf(database, "service_role"));
  await db.insert("notes", { text: "one" }, { key: "k" });
  const again = await db.insert("notes", { text: "one" }, { key: "k" });
  assert.deepEqual([again.rows, again.results[0]!.status], [1, "saved"]);
  const results = await Promise.all(
    rowsOf(
      12,
      () =>
        createResilientDb(callerOf(database, "service_role")).insert("notes", { text: "two" }, { key: "k2" }),
    ),
  );
  assert.ok(results.every(({ rows }) => rows === 1));
  assert.deepEqual(await texts(database), ["one", "two"]);
});

Deno.test("a key with another payload is a conflict, whatever the difference, and the first result stands", async () => {
  await using database = await withNotes();
  const db = createResilientDb(callerOf(database, "service_role"));
  await db.insert("notes", { text: "one" }, { key: "k" });
  await assert.rejects(db.insert("notes", { text: "two" }, { key: "k" }), hasCode("CONFLICT"));
  await assert.rejects(
    db.insert("notes", [{ text: "one" }, { text: "one" }], { key: "k" }),
    hasCode("CONFLICT"),
  );
  await db.update("notes", { amount: 1 }, { text: "one" }, { key: "u" });
  await assert.rejects(db.update("notes", { amount: 1 }, { text: "two" }, { key: "u" }), hasCode("CONFLICT"));
  assert.deepEqual(await texts(database), ["one"]);
});

Deno.test("a key belongs to role, subject and operation, and a stored result goes to its subject only", async () => {
  await using database = await withNotes();
  await database.query("alter table notes add column secret text default 'mine'");
  const callers = [
    callerOf(database, "authenticated", { sub: "a" }),
    callerOf(database, "authenticated", { sub: "b" }),
    callerOf(database, "authenticated", { sub: "a".repeat(300) }),
    callerOf(database, "authenticated", { sub: "a".repeat(301) }),
    callerOf(database, "service_role"),
    callerOf(database, "anon"),
  ];
  for (const [index, caller] of callers.entries()) {
    const { returned } = await createResilientDb(caller).insert("notes", { text: "same" }, {
      key: "k",
      returning: true,
    });
    assert.equal(returned?.[0]?.id, index + 1);
  }
  const again = await createResilientDb(callers[1]!).insert("notes", { text: "same" }, {
    key: "k",
    returning: true,
  });
  assert.equal(again.returned?.[0]?.id, 2);
  // One anonymous caller cannot be told from another.
  const anonymous = await createResilientDb(callers[5]!).insert("notes", { text: "same" }, {
    key: "k",
    returning: true,
  });
  assert.deepEqual([anonymous.rows, anonymous.returned], [1, []]);
  await createResilientDb(callers[0]!).upsert("notes", { text: "same" }, { key: "k", onConflict: ["id"] })
    .catch(() => {});
  assert.equal((await texts(database)).length, 6);
});

Deno.test("a row that was healed under a key is found again by a caller that knows nothing of it", async () => {
  await using database = await withNotes();
  const knowing = createResilientDb(callerOf(database, "service_role"));
  await knowing.insert("notes", { TEXT: "warm up" });
  await knowing.insert("notes", { TEXT: "one" }, { key: "k" });
  await createResilientDb(callerOf(database, "service_role")).insert("notes", { TEXT: "one" }, { key: "k" });
  // And the other way round: two requests of an isolate that knew nothing, then one that knows.
  await createResilientDb(callerOf(database, "service_role")).insert("notes", [{ TEXT: "two" }, {
    text: "three",
  }], { key: "k3" });
  const again = await createResilientDb(callerOf(database, "service_role")).insert("notes", [
    { TEXT: "two" },
    { text: "three" },
  ], { key: "k3" });
  assert.deepEqual(again.results.map(({ status }) => status), ["healed", "saved"]);
  assert.deepEqual((await texts(database)).toSorted(), ["one", "three", "two", "warm up"]);
});

Deno.test("a write that wrote nothing gives its key back", async () => {
  await using database = await withNotes();
  const db = createResilientDb(callerOf(database, "service_role"));
  await assert.rejects(db.insert("notes", { text: "one", amount: -1 }, { key: "k" }), hasCode("BAD_REQUEST"));
  await database.query("alter table notes drop constraint notes_amount_check");
  assert.equal((await db.insert("notes", { text: "one", amount: -1 }, { key: "k" })).rows, 1);
});

type Step = "begin" | "call" | "commit" | "answer";

/** A way to the database that breaks once, at a step, as when a process is killed or a network goes away. */
function breakingAt(database: TestDatabase, step: Step): RpcPort & { calls: number } {
  let isBroken = false;
  return {
    calls: 0,
    async call<T>(_name: string, args: Record<string, unknown>): Promise<T> {
      this.calls++;
      const client = await database.connect("authenticator");
      const cut = (at: Step) => {
        if (isBroken || at !== step) return;
        isBroken = true;
        (client as Client & { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
        throw new HealingError("UNAVAILABLE", `the connection broke at ${at}`);
      };
      try {
        await client.query("begin");
        await client.query("set local role service_role");
        cut("begin");
        const values = [args.p_table, JSON.stringify(args.p_rows), JSON.stringify(args.p_options ?? {})];
        const { rows } = await client.query("select public.write_rows($1, $2, $3) as answer", values);
        cut("call");
        const committed = client.query("commit");
        if (step === "commit" && !isBroken) committed.catch(() => {});
        cut("commit");
        await committed;
        cut("answer");
        await client.end();
        return rows[0].answer;
      } catch (error) {
        throw isHealingError(error) ? error : toDatabaseError(error as Error);
      }
    },
  };
}

for (const step of ["begin", "call", "commit", "answer"] as const) {
  Deno.test(`a write whose connection breaks at ${step} is in the table exactly once after it was made again`, async () => {
    await using database = await withNotes();
    const rows = [{ text: "one" }, { TEXT: "two" }];
    const first = breakingAt(database, step);
    const { results } = await createResilientDb(first, { clock: IMPATIENT }).insert("notes", rows, {
      key: "k",
    });
    assert.deepEqual(results.map(({ status }) => status), ["saved", "healed"]);
    await createResilientDb(callerOf(database, "service_role")).insert("notes", rows, { key: "k" });
    assert.deepEqual((await texts(database)).toSorted(), ["one", "two"]);
  });
}

Deno.test("without a key a lost answer is an error and never a blind second try", async () => {
  await using database = await withNotes();
  const caller = breakingAt(database, "answer");
  await assert.rejects(
    createResilientDb(caller, { clock: IMPATIENT }).insert("notes", { text: "one" }, { key: false }),
    (error) => isHealingError(error) && error.code === "UNAVAILABLE" && /unknown/.test(error.message),
  );
  assert.equal(caller.calls, 1);
  assert.deepEqual(await texts(database), ["one"]);
});

Deno.test("two batches in opposite order both get through", async () => {
  await using database = await withNotes();
  await database.query(
    "create table counters (id int primary key, n int not null); grant select, insert, update on counters to service_role",
  );
  const ids = rowsOf(40, (id) => id);
  const batches = rowsOf(
    6,
    (batch) => (batch % 2 === 0 ? ids : ids.toReversed()).map((id) => ({ id, n: batch })),
  );
  const results = await Promise.all(
    batches.map((rows) => createResilientDb(callerOf(database, "service_role")).upsert("counters", rows)),
  );
  assert.ok(results.every(({ rows }) => rows === 40));
  assert.equal((await database.query("select from counters")).length, 40);
});
