import assert from "node:assert/strict";
import type { Transaction } from "../../supabase/functions/_shared/transactionManager.ts";
import { backends, coded, move, openAccounts } from "../helpers/accounts.ts";
import { waitFor } from "../helpers/waiting.ts";

Deno.test("transaction() runs again after a serialisation failure, and a deadlock takes nobody's money", async () => {
  await using world = await openAccounts();
  const other = await world.database.connect();
  let attempts = 0;
  await world.run(async (tx) => {
    attempts++;
    const [row] = await tx.query<{ balance: number }>("select balance from accounts where id = 1");
    // Somebody else changes the row between our look and our write, the first time only.
    if (attempts === 1) await other.query("update accounts set balance = balance + 7 where id = 1");
    await tx.query("update accounts set balance = $1 where id = 1", [row!.balance - 1]);
  }, { role: "service_role", isolation: "serializable", random: { next: () => 0, uuid: () => "" } });
  assert.equal(attempts, 2);
  assert.deepEqual(await world.balances(), [106, 0, 50]);
  const lasting = world.run(async (tx) => {
    await tx.query("select balance from accounts where id = 1");
    await other.query("update accounts set balance = balance + 1 where id = 1");
    await tx.query("update accounts set balance = 0 where id = 1");
  }, { role: "service_role", isolation: "serializable", random: { next: () => 0, uuid: () => "" } });
  await assert.rejects(lasting, coded("CONFLICT"));
  assert.deepEqual(await world.balances(), [109, 0, 50]);
});

Deno.test("transaction() that takes too long ends on the server too, and undoes its effects", async () => {
  await using world = await openAccounts();
  let undone = false;
  const work = async (tx: Transaction) => {
    tx.onRollback(() => void (undone = true));
    await move(tx, 1, 2, 10);
    await tx.query("select pg_sleep(60)");
  };
  await assert.rejects(world.run(work, { role: "service_role", limitMs: 400 }), coded("TIMEOUT"));
  await waitFor("the compensation", () => undone);
  await waitFor("the end of its server process", async () => (await backends(world.database)).length === 0);
  assert.deepEqual(await world.balances(), [100, 0, 50]);
  await world.run((tx) => move(tx, 1, 2, 1), { role: "service_role" });
  assert.deepEqual(await world.balances(), [99, 1, 50], "the next one has a connection");
});

Deno.test("transaction() whose caller goes away destroys its connection in the middle of a statement", async () => {
  await using world = await openAccounts();
  const gone = new AbortController();
  const running = world.run(async (tx) => {
    await move(tx, 1, 2, 10);
    const slow = tx.query("select pg_sleep(60)");
    gone.abort(new Error("the caller has left"));
    await slow;
  }, { role: "service_role", signal: gone.signal, limitMs: 2_000 });
  await assert.rejects(running, /the caller has left/);
  await waitFor("the end of its server process", async () => (await backends(world.database)).length === 0);
  assert.deepEqual(await world.balances(), [100, 0, 50]);
  assert.ok(gone.signal.aborted);
});

Deno.test("transactions of one isolate share one connection and take turns", async () => {
  await using world = await openAccounts();
  const seen = new Set<number>();
  await Promise.all(Array.from({ length: 20 }, () =>
    world.run(async (tx) => {
      const [row] = await tx.query<{ pid: number }>("select pg_backend_pid() as pid");
      seen.add(row!.pid);
      await move(tx, 1, 2, 1);
    }, { role: "service_role" })));
  assert.equal(seen.size, 1);
  assert.deepEqual(await world.balances(), [80, 20, 50]);
});
