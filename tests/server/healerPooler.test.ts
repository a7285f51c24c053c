import assert from "node:assert/strict";
import { applyMigration } from "../../supabase/functions/_shared/databaseHealer.ts";
import { Client } from "../../supabase/functions/_shared/postgres.ts";
import { openContract, setSetting } from "../helpers/contract.ts";
import { startPooler } from "../helpers/pooler.ts";
import { createServerDatabase, serverTest } from "../helpers/serverRing.ts";

serverTest(
  "applyMigration() heals through a pooler in transaction mode, and leaves its connections as they were",
  async () => {
    await using database = await createServerDatabase();
    await using contract = await openContract(database);
    await setSetting(contract.rpc, "mode_database", "auto");
    await database.query("create table visits as select n as id from generate_series(1, 50000) n");
    await using pooler = await startPooler(database.url);
    const databaseUrl = pooler.through(database.url);
    const healed = await applyMigration({
      migration: `set search_path = "$user", public; set lock_timeout = '1ms';
      create table crm.leads (id uuid default uuid_generate_v4()); drop table gone;`,
      databaseUrl,
    });
    assert.equal(healed.healed, true, healed.reason);
    const refused = await applyMigration({
      migration: "create index concurrently visits_id_idx on visits (id)",
      databaseUrl,
    });
    assert.equal(refused.healed, false);
    assert.match(
      refused.reason,
      /the connection is pooled: what runs outside of a transaction needs the direct connection/,
    );
    for (let round = 0; round < 4; round++) {
      const client = new Client({ connectionString: databaseUrl });
      await client.connect();
      const { rows } = await client.query(
        "select current_user as who, current_setting('lock_timeout') as lock, current_setting('search_path') as path",
      );
      assert.deepEqual(rows, [{ who: "postgres", lock: "0", path: '"$user", public, extensions' }]);
      await client.end();
    }
  },
);

serverTest(
  "applyMigration() runs what cannot be in a transaction on a direct connection of an older server",
  async () => {
    await using database = await createServerDatabase();
    await using contract = await openContract(database);
    await setSetting(contract.rpc, "mode_database", "auto");
    await database.query("create table visits as select n as id from generate_series(1, 50000) n");
    const healed = await applyMigration({
      migration: "create index concurrently visits_id_idx on visits (id); vacuum visits;",
      databaseUrl: database.url,
    });
    assert.equal(healed.healed, true, healed.reason);
    const [index] = await database.query(
      "select indisvalid from pg_index where indexrelid = 'visits_id_idx'::regclass",
    );
    assert.equal(index!.indisvalid, true);
  },
);
