import assert from "node:assert/strict";
import { Client } from "../../supabase/functions/_shared/postgres.ts";
import { type Transaction, transaction } from "../../supabase/functions/_shared/transactionManager.ts";
import { ALICE, BOB, move, openAccounts, requestOf } from "../helpers/accounts.ts";
import { startPooler } from "../helpers/pooler.ts";
import { createServerDatabase, serverTest } from "../helpers/serverRing.ts";

serverTest(
  "transaction() through a pooler in transaction mode holds its caller's rights and leaves nothing behind",
  async () => {
    await using world = await openAccounts(await createServerDatabase());
    await using pooler = await startPooler(world.database.url);
    const settings = { ...world.settings, databaseUrl: pooler.through(world.database.url) };
    const [alice, bob] = [await requestOf(ALICE), await requestOf(BOB)];
    const seen = (tx: Transaction) =>
      tx.query<{ n: number }>("select count(*)::int as n from accounts").then(([row]) => row!.n);
    for (let round = 0; round < 10; round++) {
      assert.equal(await transaction(seen, { settings, request: alice }), 2);
      assert.equal(await transaction(seen, { settings, request: bob }), 1);
      await transaction((tx) => move(tx, 1, 2, 1), { settings, request: alice });
      await assert.rejects(transaction((tx) => move(tx, 1, 2, 1_000), { settings, request: alice }));
    }
    assert.deepEqual(await world.balances(), [90, 10, 50]);
    // Everybody who shares the server connections finds them as the pooler gives them out.
    const clients = await Promise.all([0, 1, 2].map(async () => {
      const client = new Client({ connectionString: settings.databaseUrl });
      await client.connect();
      return client;
    }));
    for (const client of clients) {
      const { rows } = await client.query(
        "select current_user as who, coalesce(current_setting('request.jwt.claims', true), '') as claims, current_setting('statement_timeout') as limit",
      );
      assert.deepEqual(rows, [{ who: "postgres", claims: "", limit: "2min" }]);
      const { rows: prepared } = await client.query("select count(*)::int as n from pg_prepared_statements");
      assert.deepEqual(prepared, [{ n: 0 }]);
      await client.end();
    }
  },
);
