import assert from "node:assert/strict";
import type { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import { readSettings } from "../../supabase/functions/_shared/core/settings.ts";
import { closeTransactions, transaction } from "../../supabase/functions/_shared/transactionManager.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { type Passage, TcpProxy } from "../helpers/tcpProxy.ts";

/** A database behind a network that breaks when its client says `commit`. */
async function open(atCommit: Passage, thenClosed = false) {
  const database = await createTestDatabase();
  await database.query(
    "create table public.notes (body text); grant select, insert on public.notes to service_role",
  );
  const url = new URL(database.url);
  const proxy = new TcpProxy(Number(url.port));
  url.port = String(proxy.port);
  let commits = 0;
  proxy.decide = (piece) => {
    if (!new TextDecoder("latin1").decode(piece).includes("commit\0")) return "pass";
    commits++;
    proxy.isClosed = thenClosed;
    return atCommit;
  };
  const settings = { ...readSettings({ get: () => undefined }), databaseUrl: url.href };
  let compensated = 0;
  const insert = () =>
    transaction(async (tx) => {
      tx.onRollback(() => void compensated++);
      await tx.query("insert into notes values ('kept')");
      return "committed";
    }, { settings, logger: silentLogger, role: "service_role" });
  return {
    insert,
    notes: async () => (await database.query("select * from notes")).length,
    counts: () => ({ commits, compensated }),
    async [Symbol.asyncDispose]() {
      await closeTransactions();
      proxy[Symbol.dispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

Deno.test("transaction() whose commit was carried out but never answered is a success, and nothing is undone", async () => {
  await using world = await open("cutAnswer");
  assert.equal(await world.insert(), "committed");
  assert.equal(await world.notes(), 1);
  assert.deepEqual(world.counts(), { commits: 1, compensated: 0 });
});

Deno.test("transaction() whose commit never reached the server is a failure, and its effects are undone", async () => {
  await using world = await open("cut");
  await assert.rejects(world.insert(), (error: HealingError) => error.code === "UNAVAILABLE");
  assert.equal(await world.notes(), 0);
  assert.deepEqual(world.counts(), { commits: 1, compensated: 1 });
});

Deno.test("transaction() says that it does not know when the server cannot be asked, and undoes nothing", async () => {
  await using world = await open("cutAnswer", true);
  await assert.rejects(world.insert(), (error: HealingError) => {
    return error.code === "UNAVAILABLE" && error.details?.outcome === "unknown" &&
      /Read back/.test(error.hint ?? "");
  });
  assert.equal(await world.notes(), 1);
  assert.deepEqual(world.counts(), { commits: 1, compensated: 0 });
});
