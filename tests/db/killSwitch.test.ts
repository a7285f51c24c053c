import assert from "node:assert/strict";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { occurrence, openContract, setSetting } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { engineOf, operation, TRANSIENT } from "../helpers/engine.ts";
import { waitFor } from "../helpers/waiting.ts";

const ERRORS = 24;

Deno.test("the kill switch in the middle of a run lets nothing start any more, and what is half done is finished", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await setSetting(contract.rpc, "validation_min_seconds", 0);
  await captureErrors(
    contract.rpc,
    Array.from(
      { length: ERRORS },
      (_, index) =>
        occurrence({ ...TRANSIENT, fingerprint: `v1:${index}`, operation: operation(`order-${index}`) }),
    ),
  );
  let made = 0;
  const { promise: isThrown, resolve } = Promise.withResolvers<void>();
  // Each engine has a connection of its own, as each function has.
  const connections = await Promise.all(Array.from({ length: 4 }, () => openDirectConnection(database.url)));
  const runs = connections.map(async (connection) => {
    await using engine = engineOf(database, { ...contract, rpc: connection.rpc }, async () => {
      made++;
      // The first four calls are under way when the switch is thrown.
      await isThrown;
      return { status: 200, body: "" };
    });
    return await engine.detectAndHeal();
  });
  await waitFor("four calls", () => Promise.resolve(made === 4));
  await setSetting(contract.rpc, "enabled", false);
  const [{ at }] = await database.query<{ at: string }>("select clock_timestamp()::text as at") as [
    { at: string },
  ];
  const [during] = await database.query("select actual, reason from healing_settings where key = 'enabled'");
  assert.deepEqual(during, { actual: true, reason: "4 fixes in flight finish first" });
  resolve();
  await Promise.all(runs);
  await Promise.all(connections.map((connection) => connection.close()));

  assert.equal(made, 4, "no operation was made after it");
  const late = await database.query("select from auto_fixes where applying_at > $1", [at]);
  assert.deepEqual(late, []);
  const states = await database.query(
    "select status, count(*)::integer as n from auto_fixes group by status order by status",
  );
  assert.deepEqual(states, [{ status: "validating", n: 4 }]);
  const errors = await database.query(
    "select status, count(*)::integer as n from detected_errors group by status order by status",
  );
  assert.deepEqual(errors, [{ status: "open", n: ERRORS - 4 }, { status: "validating", n: 4 }]);
  await contract.rpc.call("reap_lost_runs", {});
  const [after] = await database.query("select actual, reason from healing_settings where key = 'enabled'");
  assert.deepEqual(after, { actual: false, reason: "in force" });

  await using judge = engineOf(database, contract);
  await judge.detectAndHeal();
  assert.deepEqual(
    await database.query(
      "select status, verdict ->> 'reason' is not null as says from auto_fixes group by 1, 2",
    ),
    [
      { status: "kept", says: true },
    ],
  );
});
