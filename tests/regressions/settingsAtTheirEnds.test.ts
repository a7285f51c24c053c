/** What the settings take, the nightly jobs can work with. */

import assert from "node:assert/strict";
import { openContract, setSetting } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";

Deno.test("no number that a setting takes makes a nightly job fail, and none makes it forget the keys of today's writes", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const numbers = await database.query<{ key: string }>(
    "select key from healing_settings where jsonb_typeof(wanted) = 'number' order by key",
  );
  const jobs = await database.query<{ command: string }>(
    "select command from cron.job where jobname like 'healing\\_%' and command !~ 'dispatch_'",
  );
  assert.ok(numbers.length > 0 && jobs.length > 0);
  await database.query(
    "insert into write_ledger (operation, idempotency_key, caller_role, payload_hash, result) values ('insert orders', 'k', 'anon', 'h', '{}')",
  );
  const take = (key: string, value: number) =>
    setSetting(contract.rpc, key, value).then(() => true, (error) => {
      assert.equal(error.code, "BAD_REQUEST", error.message);
      return false;
    });
  for (const ends of [[10_000_000, 36_500], [0, 1]]) {
    for (const { key } of numbers) {
      for (const end of ends) if (await take(key, end)) break;
    }
    for (const { command } of jobs) await database.query(command);
  }
  assert.equal((await database.query("select from write_ledger")).length, 1);
});

Deno.test("a question stays open for an hour at least", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await assert.rejects(setSetting(contract.rpc, "approval_hours", 0), { code: "BAD_REQUEST" });
  await setSetting(contract.rpc, "approval_hours", 1);
});
