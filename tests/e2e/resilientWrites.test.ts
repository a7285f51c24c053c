import assert from "node:assert/strict";
import { freshDataDir } from "../../scripts/stack/dataDir.ts";
import { freePort, type PostgresServer, startPostgres } from "../../scripts/stack/postgres.ts";
import { Client } from "../../supabase/functions/_shared/postgres.ts";
import { openStack, type TestStack } from "../helpers/stack.ts";
import { waitFor } from "../helpers/waiting.ts";

const TABLE =
  `create table if not exists public.messages (id bigint generated always as identity, role text not null, content text not null);
  grant select, insert on public.messages to anon, authenticated, service_role`;

interface Answer {
  statuses: string[];
  healed: { index: number; applied: { from: string; to: string }[] }[];
  tookMs: number;
}

async function sql<Row extends object>(url: string, text: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  // A server that is killed is no fault of the test.
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query(text)).rows as Row[];
  } finally {
    await client.end();
  }
}

async function write(stack: TestStack, order: object): Promise<Answer> {
  const answer = await stack.call("writer", {
    method: "POST",
    body: JSON.stringify(order),
    headers: { apikey: stack.stack.keys.publishable, "content-type": "application/json" },
  });
  assert.equal(answer.status, 200, await answer.clone().text());
  return await answer.json();
}

const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ role: "user", content: `message ${index}` }));

Deno.test("a function writes sender and message into role and content, in one call of the database once it knows the table", async () => {
  await using stack = await openStack();
  await sql(stack.stack.dbUrl, TABLE);
  const sent = [{ sender: "user", message: "Hello" }];
  assert.deepEqual((await write(stack, { rows: sent })).statuses, ["healed"]);
  const again = await write(stack, { rows: sent });
  assert.deepEqual(again.healed[0]!.applied.map(({ from, to }) => `${from} -> ${to}`), [
    "sender -> role",
    "message -> content",
  ]);
  assert.deepEqual(await sql(stack.stack.dbUrl, "select role, content from messages"), [
    { role: "user", content: "Hello" },
    { role: "user", content: "Hello" },
  ]);
  await waitFor("the heals to be remembered", async () => {
    const rows = await sql(
      stack.stack.dbUrl,
      "select from universal_error_patterns where pattern_name like 'messages_%'",
    );
    return rows.length === 2;
  });
});

Deno.test("of 100 records the one that does not fit is healed, and all are saved", async () => {
  await using stack = await openStack();
  await sql(stack.stack.dbUrl, TABLE);
  const rows: Record<string, unknown>[] = numbered(100);
  rows[23] = { sender: "user", message: "message 23" };
  const { statuses } = await write(stack, { rows });
  assert.deepEqual(statuses, rows.map((_row, index) => index === 23 ? "healed" : "saved"));
  const stored = await sql<{ content: string }>(
    stack.stack.dbUrl,
    "select content from messages order by id",
  );
  assert.deepEqual(
    new Set(stored.map(({ content }) => content)),
    new Set(numbered(100).map(({ content }) => content)),
  );
  assert.equal(stored.length, 100);
});

/** A server on a port that stays its own, which can be killed and started again on its data. */
async function openServer() {
  const dataDir = await freshDataDir();
  const port = freePort();
  const start = () => startPostgres({ dataDir, port, durable: true, externalUrl: null });
  let server: PostgresServer = await start();
  return {
    url: server.url(),
    async kill() {
      const [line] = (await Deno.readTextFile(`${dataDir}/postmaster.pid`)).split("\n");
      Deno.kill(Number(line), "SIGKILL");
      await server.ended;
    },
    async restart() {
      server = await start();
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      await Deno.remove(dataDir, { recursive: true });
    },
  };
}

Deno.test("what was logged and written while the server was down, killed with -9, is all there afterwards, none of it twice", async () => {
  await using server = await openServer();
  await using stack = await openStack({ externalUrl: server.url });
  await sql(stack.stack.dbUrl, TABLE);
  const before = await write(stack, { rows: numbered(1), logs: ["before"] });
  assert.deepEqual(before.statuses, ["saved"]);
  await waitFor(
    "the first entry",
    async () => (await sql(stack.stack.dbUrl, "select from fallback_log_entries")).length === 1,
  );

  await server.kill();
  const during = numbered(21).slice(1);
  const logs = Array.from({ length: 47 }, (_, index) => `critical ${index}`);
  for (const [index, row] of during.entries()) {
    const { statuses } = await write(stack, {
      rows: [row],
      logs: logs.filter((_line, place) => place % 20 === index),
    });
    assert.deepEqual(statuses, ["queued"]);
  }

  await server.restart();
  await waitFor("everything that waited", async () => {
    const [found] = await sql<{ rows: number; logs: number }>(
      stack.stack.dbUrl,
      "select (select count(*) from messages)::int as rows, (select count(*) from fallback_log_entries)::int as logs",
    );
    return found!.rows === 21 && found!.logs === 48;
  }, 60_000);
  const stored = await sql<{ content: string }>(stack.stack.dbUrl, "select content from messages");
  assert.deepEqual(
    new Set(stored.map(({ content }) => content)),
    new Set(numbered(21).map(({ content }) => content)),
  );
  const entries = await sql<{ message: string }>(
    stack.stack.dbUrl,
    "select message from fallback_log_entries",
  );
  assert.deepEqual(new Set(entries.map(({ message }) => message)), new Set(["before", ...logs]));
});
