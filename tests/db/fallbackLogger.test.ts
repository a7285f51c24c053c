import assert from "node:assert/strict";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import {
  FallbackLogger,
  type FallbackLoggerOptions,
} from "../../supabase/functions/_shared/fallbackLogger.ts";
import { type StoredLogs, storeFallbackLogs } from "../../supabase/functions/_shared/healingDb.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { STEPS } from "../helpers/dyingLogger.ts";
import { FakeClock } from "../helpers/fakeClock.ts";
import { waitFor } from "../helpers/waiting.ts";

const PROGRAM = decodeURIComponent(new URL("../helpers/dyingLogger.ts", import.meta.url).pathname);

/** A database, a folder of its own, and a log whose way to the table a test can close. */
async function open(options: Partial<FallbackLoggerOptions> = {}) {
  const database = await createTestDatabase();
  const folder = await Deno.makeTempDir();
  const path = options.path ?? `${folder}/log.jsonl`;
  const world = {
    database,
    path,
    isAway: false,
    deliveries: 0,
    log: new FallbackLogger({
      sink: () =>
        Promise.resolve({
          async store(entries) {
            if (world.isAway) throw new Error("the database is away");
            world.deliveries++;
            await storeFallbackLogs(serviceRpc(database), entries);
          },
        }),
      path,
      console: silentLogger,
      ...options,
    }),
    async [Symbol.asyncDispose]() {
      world.log.close();
      await world.log.settled();
      await Deno.remove(folder, { recursive: true });
      await database[Symbol.asyncDispose]();
    },
  };
  return world;
}

function serviceRpc(database: TestDatabase) {
  return {
    call: <Result>(name: string, args: object) => database.rpc<Result>(name, args as never, "service_role"),
  };
}

async function messages(database: TestDatabase): Promise<string[]> {
  return (await database.query<{ message: string }>(
    "select message from fallback_log_entries order by logged_at, message",
  ))
    .map((row) => row.message);
}

const isThere = (path: string) => Deno.stat(path).then(() => true, () => false);

Deno.test("FallbackLogger stores entries in batches while the database is there, and writes no file", async () => {
  await using world = await open();
  for (let entry = 0; entry < 47; entry++) world.log.error(`critical ${entry}`, { entry });
  await world.log.settled();
  assert.equal((await messages(world.database)).length, 47);
  assert.equal(world.deliveries, 1);
  assert.equal(await isThere(world.path), false);
});

Deno.test("FallbackLogger keeps 47 entries of an outage in its file, and they are all in the table afterwards, once", async () => {
  const clock = new FakeClock("2026-11-29T03:00:00Z");
  await using world = await open({ clock });
  world.isAway = true;
  for (let entry = 0; entry < 47; entry++) {
    world.log.error(`critical ${String(entry).padStart(2, "0")}`);
    await world.log.settled();
    clock.advance(1);
  }
  assert.equal((await Deno.readTextFile(world.path)).trimEnd().split("\n").length, 47);
  assert.equal((await messages(world.database)).length, 0);
  world.isAway = false;
  // Nobody logs again: it tries by itself.
  clock.advance(60_000);
  await waitFor("the delivery", async () => (await messages(world.database)).length === 47);
  await world.log.settled();
  const expected = Array.from({ length: 47 }, (_, entry) => `critical ${String(entry).padStart(2, "0")}`);
  assert.deepEqual(await messages(world.database), expected);
  assert.equal(await isThere(world.path), false);
});

for (const step of STEPS) {
  Deno.test(`FallbackLogger killed at "${step}" loses nothing, and the next one stores each entry once`, async () => {
    await using world = await open();
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", PROGRAM, step, world.path, world.database.url],
      stdout: "null",
      stderr: "piped",
    });
    const { signal, stderr } = await child.output();
    assert.equal(signal, "SIGKILL", new TextDecoder().decode(stderr));
    assert.equal(await isThere(world.path), true);
    assert.equal(await world.log.flush(), true);
    const found = await messages(world.database);
    assert.equal(new Set(found).size, 150);
    assert.equal(found.length, 150);
    assert.equal(await isThere(world.path), false);
  });
}

Deno.test("FallbackLogger delivers what a crash has cut in two as what it is, once however often", async () => {
  await using world = await open();
  const whole = JSON.stringify({
    id: crypto.randomUUID(),
    level: "info",
    message: "whole",
    context: {},
    at: 1,
  });
  const torn = '{"id":"3f0c6f0e-8d0f-4c55-9d2b-0d6f6f0e8d0f","level":"er\0ror \ud800';
  for (let time = 0; time < 2; time++) {
    await Deno.writeTextFile(world.path, `${whole}\n${torn}`);
    await new FallbackLogger({
      sink: () =>
        Promise.resolve({ store: (entries) => storeFallbackLogs(serviceRpc(world.database), entries) }),
      path: world.path,
      console: silentLogger,
    }).flush();
  }
  const rows = await world.database.query<{ message: string; context: { line?: string } }>(
    "select message, context from fallback_log_entries order by message",
  );
  assert.deepEqual(rows.map((row) => row.message), ["A spooled line could not be read", "whole"]);
  assert.match(rows[0]!.context.line!, /3f0c6f0e/);
});

Deno.test("FallbackLogger waits in memory where no file can be written, drops what matters least, and says how many", async () => {
  await using world = await open({ path: "/dev/full", maxWaiting: 10 });
  world.isAway = true;
  for (let entry = 0; entry < 12; entry++) world.log.info(`info ${entry}`);
  for (let entry = 0; entry < 12; entry++) world.log.error(`error ${entry}`);
  await world.log.settled();
  assert.deepEqual(world.log.counts, { stored: 0, spooled: 0, dropped: 14 });
  world.isAway = false;
  await world.log.flush();
  const found = await messages(world.database);
  assert.equal(found.filter((message) => message.startsWith("info")).length, 8);
  assert.equal(found.filter((message) => message.startsWith("error")).length, 2);
  const [note] = await world.database.query(
    "select context from fallback_log_entries where message like '%dropped%'",
  );
  assert.deepEqual(note, { context: { dropped: 14 } });
});

Deno.test("FallbackLogger keeps to the size of its file, and to what fits when there is room again", async () => {
  await using world = await open({ maxSpoolBytes: 400 });
  world.isAway = true;
  for (let entry = 0; entry < 20; entry++) {
    world.log.error(`entry ${entry}`);
    await world.log.settled();
  }
  assert.ok((await Deno.stat(world.path)).size <= 400);
  world.isAway = false;
  assert.equal(await world.log.flush(), true);
  assert.equal((await messages(world.database)).length, 20);
});

Deno.test("FallbackLogger never throws and stores nothing secret, whatever it is given", async () => {
  await using world = await open();
  const cyclic: Record<string, unknown> = { password: "hunter2-hunter2" };
  cyclic.self = cyclic;
  const hostile: unknown[] = [
    cyclic,
    {
      get boom() {
        throw new Error("no");
      },
    },
    { text: "\0\ud800".repeat(10) },
    { huge: "x".repeat(10_000_000) },
    Array.from({ length: 100_000 }, (_, index) => index),
    null,
  ];
  for (const context of hostile) {
    world.log.error("key sk-abcdefghijklmnopqrstuvwxyz123456 leaked", context as never);
  }
  world.log.warn(undefined as never);
  await world.log.settled();
  const rows = await world.database.query("select message, context::text as text from fallback_log_entries");
  assert.equal(rows.length, hostile.length + 1);
  assert.doesNotMatch(JSON.stringify(rows), /hunter2|abcdefghijklmnopqrstuvwxyz123456/);
});

Deno.test("store_fallback_logs() leaves out what is no entry and keeps the rest, for the service role only", async () => {
  await using database = await createTestDatabase();
  const good = {
    id: crypto.randomUUID(),
    level: "info",
    message: "good",
    context: {},
    at: 1_700_000_000_000,
  };
  const id = () => crypto.randomUUID();
  const entries = [
    good,
    { ...good, message: "again" },
    null,
    7,
    [],
    { ...good, id: "no uuid" },
    { ...good, id: id(), level: "fatal" },
    { ...good, id: id(), at: "now" },
    { ...good, id: id(), at: -1e300, message: "before all time" },
    { ...good, id: id(), at: 1e300, message: "after all time" },
    { id: id(), level: "warn", at: 1 },
  ];
  const stored = await database.rpc<StoredLogs>(
    "store_fallback_logs",
    { p_entries: entries },
    "service_role",
  );
  assert.deepEqual(stored, { stored: 4, known: 1, refused: 6 });
  assert.deepEqual(await database.rpc("store_fallback_logs", { p_entries: [good] }, "service_role"), {
    stored: 0,
    known: 1,
    refused: 0,
  });
  for (const role of ["anon", "authenticated"] as const) {
    await assert.rejects(
      database.rpc("store_fallback_logs", { p_entries: [good] }, role),
      /permission denied/,
    );
  }
  await assert.rejects(
    database.rpc("store_fallback_logs", { p_entries: {} }, "service_role"),
    /at most 1000/,
  );
});

Deno.test("store_fallback_logs() stores the same entries once when they arrive at the same time in different orders", async () => {
  await using database = await createTestDatabase();
  const entries = Array.from({ length: 200 }, (_, index) => ({
    id: crypto.randomUUID(),
    level: "error",
    message: `entry ${index}`,
    context: {},
    at: index,
  }));
  const deliveries = Array.from(
    { length: 16 },
    (_, index) =>
      database.rpc<StoredLogs>("store_fallback_logs", {
        p_entries: index % 2 ? entries : entries.toReversed(),
      }, "service_role"),
  );
  const counts = await Promise.all(deliveries);
  assert.equal(counts.reduce((sum, { stored }) => sum + stored, 0), 200);
  assert.equal((await messages(database)).length, 200);
});
