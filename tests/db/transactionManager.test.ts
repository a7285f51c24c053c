import assert from "node:assert/strict";
import { signJwt } from "../../scripts/stack/jwt.ts";
import { readSettings } from "../../supabase/functions/_shared/core/settings.ts";
import { type Transaction, transaction } from "../../supabase/functions/_shared/transactionManager.ts";
import { ALICE, backends, BOB, coded, move, openAccounts, requestOf } from "../helpers/accounts.ts";

Deno.test("transaction() commits all of its statements, or takes all of them back", async () => {
  await using world = await openAccounts();
  const request = await requestOf(ALICE);
  assert.equal(await world.run((tx) => move(tx, 1, 2, 30).then(() => "done"), { request }), "done");
  assert.deepEqual(await world.balances(), [70, 30, 50]);
  const failure = world.run((tx) => move(tx, 2, 1, 10).then(() => move(tx, 2, 1, 1_000)), { request });
  await assert.rejects(failure, coded("DATABASE_ERROR", (error) => error.details?.sqlState === "23514"));
  const mine = new Error("changed my mind");
  await assert.rejects(
    world.run((tx) => move(tx, 1, 2, 5).then(() => Promise.reject(mine)), { request }),
    mine,
  );
  assert.deepEqual(await world.balances(), [70, 30, 50]);
});

Deno.test("transaction() runs with the rights of its caller, and leaves none behind for the next", async () => {
  await using world = await openAccounts();
  const count = (tx: Transaction) =>
    tx.query("select count(*)::int as n, current_user as who from accounts").then(([row]) => row);
  assert.deepEqual(await world.run(count, { request: await requestOf(ALICE) }), {
    n: 2,
    who: "authenticated",
  });
  assert.deepEqual(await world.run(count, { request: await requestOf(BOB) }), { n: 1, who: "authenticated" });
  assert.deepEqual(await world.run(count, { role: "service_role" }), { n: 3, who: "service_role" });
  await assert.rejects(world.run(count), coded("FORBIDDEN"), "nobody is anon, and anon has no right here");
  const before = await world.run(
    (tx) => tx.query("select current_setting('request.jwt.claims', true) as claims"),
    {
      caller: { role: "anon", claims: { role: "anon" } },
    },
  );
  assert.deepEqual(before, [{ claims: '{"role":"anon"}' }]);
  // The connection itself is the postgres role's again.
  assert.deepEqual(await backends(world.database), [{ state: "idle" }]);
});

Deno.test("transaction() becomes service_role only where its author says so, and refuses a forged token", async () => {
  await using world = await openAccounts();
  const machine = { role: "service_role" as const, claims: {} };
  await assert.rejects(world.run(() => Promise.resolve(1), { caller: machine }), coded("FORBIDDEN"));
  const token = await signJwt(
    { sub: ALICE, role: "authenticated", exp: 9_999_999_999 },
    "somebody-else's-secret-of-length",
  );
  const request = new Request("http://localhost/", { headers: { authorization: `Bearer ${token}` } });
  await assert.rejects(world.run(() => Promise.resolve(1), { request }), coded("UNAUTHORIZED"));
});

Deno.test("tx.query() takes one statement with parameters, and nothing that ends, widens or outlives the transaction", async () => {
  await using world = await openAccounts();
  const hostile = [
    "commit",
    "rollback",
    "  -- first\n Set role postgres",
    "/* a /* nested */ comment */ reset role",
    "select set_config('role', 'postgres', true)",
    "select pg_catalog.\"set_config\"('role', 'postgres', true)",
    "do $$ begin end $$",
    "savepoint x",
    "prepare x as select 1",
    "copy accounts to stdout",
  ];
  for (const text of hostile) {
    await assert.rejects(
      world.run((tx) => tx.query(text), { role: "service_role" }),
      coded("BAD_REQUEST"),
      text,
    );
  }
  await assert.rejects(
    world.run((tx) => tx.query("select 1; commit; drop table accounts"), { role: "service_role" }),
    coded("DATABASE_ERROR", (error) => error.details?.sqlState === "42601"),
  );
  await assert.rejects(world.run((tx) => tx.query(" -- nothing\n"), { role: "service_role" }), TypeError);
  const harmless = "select 'set_config(commit)' as a, \"balance\" from accounts where id = $1 -- reset";
  assert.equal((await world.run((tx) => tx.query(harmless, [1]), { role: "service_role" })).length, 1);
  assert.deepEqual(await world.balances(), [100, 0, 50]);
});

Deno.test("transaction() is taken back when something that it calls has changed its role", async () => {
  await using world = await openAccounts();
  await world.database.query(`create function public.sly() returns text language sql as
    $$ select set_config('role', 'service_role', true) $$; grant execute on function public.sly() to authenticated`);
  const work = (tx: Transaction) =>
    tx.query("select public.sly()").then(() => tx.query("update accounts set balance = 0")).then(() =>
      "done"
    );
  await assert.rejects(world.run(work, { request: await requestOf(BOB) }), coded("FORBIDDEN"));
  assert.deepEqual(await world.balances(), [100, 0, 50]);
});

Deno.test("tx.onRollback() undoes outside effects last in, first out, whatever one of them throws", async () => {
  await using world = await openAccounts();
  const undone: string[] = [];
  const work = async (tx: Transaction) => {
    tx.onRollback(() => void undone.push("first"));
    await move(tx, 1, 2, 10);
    tx.onRollback(() => Promise.reject(new Error("refund refused")));
    tx.onRollback(() => void undone.push("third"));
    throw new Error("no");
  };
  await assert.rejects(world.run(work, { role: "service_role", name: "pay" }), /^Error: no$/);
  assert.deepEqual(undone, ["third", "first"]);
  const [event] = await world.database.query<{ result: string; details: Record<string, unknown> }>(
    "select result, details from healing_events where event_type = 'transaction'",
  );
  assert.equal(event!.result, "failure");
  const { compensations, compensations_failed: failed, outcome } = event!.details;
  assert.deepEqual({ compensations, failed, outcome }, {
    compensations: 2,
    failed: 1,
    outcome: "taken back",
  });
  await world.run((tx) => {
    tx.onRollback(() => void undone.push("never"));
    return move(tx, 1, 2, 10);
  }, { role: "service_role" });
  assert.deepEqual(undone, ["third", "first"]);
});

Deno.test("tx.restorePoint() goes back alone, with its own compensations, also when nested", async () => {
  await using world = await openAccounts();
  const undone: string[] = [];
  await world.run(async (tx) => {
    await move(tx, 1, 2, 10);
    tx.onRollback(() => void undone.push("outer"));
    const inner = tx.restorePoint(async () => {
      tx.onRollback(() => void undone.push("inner"));
      await move(tx, 1, 2, 20);
      await tx.restorePoint(() => move(tx, 1, 2, 30));
      await tx.query("insert into accounts values (1, $1, 0)", [BOB]);
    });
    await assert.rejects(inner, coded("DATABASE_ERROR", (error) => error.details?.sqlState === "23505"));
    await tx.query("update accounts set balance = balance + 1 where id = 3");
  }, { role: "service_role" });
  assert.deepEqual(await world.balances(), [90, 10, 51]);
  assert.deepEqual(undone, ["inner"]);
});

Deno.test("transaction() does not call a commit what the server took back after an error that was swallowed", async () => {
  await using world = await openAccounts();
  const undone: string[] = [];
  const work = async (tx: Transaction) => {
    tx.onRollback(() => void undone.push("undone"));
    await move(tx, 1, 2, 10);
    await tx.query("select 1 / 0").catch(() => {});
    return "I believe all is well";
  };
  await assert.rejects(world.run(work, { role: "service_role" }), coded("DATABASE_ERROR"));
  await assert.rejects(world.run(work, { role: "service_role", audit: false }), coded("DATABASE_ERROR"));
  assert.deepEqual(undone, ["undone", "undone"]);
  assert.deepEqual(await world.balances(), [100, 0, 50]);
});

Deno.test("transaction() inside another one is refused at once, and a use after the end as well", async () => {
  await using world = await openAccounts();
  let kept: Transaction | undefined;
  await world.run(async (tx) => {
    kept = tx;
    await assert.rejects(world.run(() => Promise.resolve(1), { role: "service_role" }), /restorePoint/);
  }, { role: "service_role" });
  await assert.rejects(kept!.query("select 1"), /after its end/);
  assert.throws(() => kept!.onRollback(() => {}), /after its end/);
});

Deno.test("transaction() leaves an audit row in the same commit, and none when it has written nothing", async () => {
  await using world = await openAccounts();
  const request = await requestOf(ALICE);
  await world.run((tx) => tx.query("select * from accounts"), { request, name: "look" });
  await world.run((tx) => move(tx, 1, 2, 30), {
    request,
    name: "transfer",
    functionName: "bank",
    requestId: "r-1",
  });
  await world.run((tx) => move(tx, 1, 2, 1), { request, name: "secret", audit: false });
  const events = await world.database.query<{ message: string; details: Record<string, unknown> }>(
    "select message, result, function_name, request_id, details from healing_events where event_type = 'transaction'",
  );
  assert.equal(events.length, 1);
  const { details, ...rest } = events[0]!;
  assert.deepEqual(rest, {
    message: "transfer",
    result: "success",
    function_name: "bank",
    request_id: "r-1",
  });
  assert.match(String(details.xid), /^\d+$/);
  assert.deepEqual([details.role, details.subject, details.statements], ["authenticated", ALICE, 2]);
});

Deno.test("transaction() refuses options that make no sense, and says when there is no connection", async () => {
  await using world = await openAccounts();
  for (
    const options of [{ limitMs: 0 }, { limitMs: 30_001 }, { maxAttempts: 0 }, {
      isolation: "chaos" as never,
    }]
  ) {
    await assert.rejects(world.run(() => Promise.resolve(1), options), RangeError);
  }
  const settings = readSettings({ get: () => undefined });
  await assert.rejects(transaction(() => Promise.resolve(1), { settings }), coded("CONFIG_MISSING"));
  const nowhere = { ...settings, databaseUrl: "postgresql://nobody@127.0.0.1:1/none" };
  await assert.rejects(transaction(() => Promise.resolve(1), { settings: nowhere }), coded("UNAVAILABLE"));
});
