import assert from "node:assert/strict";
import {
  beginFix,
  captureErrors,
  type ClaimedError,
  claimErrors,
  finishHealingRun,
  type FixStart,
  proposeFix,
  recordFixApplied,
  type RpcPort,
  startHealingRun,
} from "../../supabase/functions/_shared/healingDb.ts";
import { type Contract, occurrence, openContract, proposal, setSetting } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";

const ALWAYS_QUIET = { from: "00:00", to: "23:59", timezone: "UTC" };
const APPLIED = { rollback_point: {}, probe: { ok: true }, description: "made it", duration_ms: 5 };

async function prepare(): Promise<[TestDatabase, Contract]> {
  const database = await createTestDatabase();
  const contract = await openContract(database);
  for (const [key, value] of Object.entries({ mode_database: "auto", max_fixes_per_target_hour: 100 })) {
    await setSetting(contract.rpc, key, value);
  }
  return [database, contract];
}

let count = 0;

async function claimOne(rpc: RpcPort, fingerprint = `v1:${++count}`): Promise<ClaimedError> {
  const { errors: [group] } = await captureErrors(rpc, [occurrence({ fingerprint })]);
  const [error] = await claimErrors(rpc, { worker: "test", errorId: group!.id });
  return error!;
}

type Started = { error: ClaimedError; id: string; start: FixStart };

async function start(
  rpc: RpcPort,
  changes: Parameters<typeof proposal>[1] = {},
  fingerprint?: string,
): Promise<Started> {
  const error = await claimOne(rpc, fingerprint);
  const { fix_id } = await proposeFix(rpc, proposal(error, changes));
  return { error, id: fix_id!, start: await beginFix(rpc, fix_id!, error) };
}

async function apply(
  rpc: RpcPort,
  { error, id }: Started,
  states: { state_before?: string; state_after?: string } = {},
) {
  await recordFixApplied(rpc, id, error, { ...APPLIED, ...states });
}

async function quietUntil(database: TestDatabase, at: string): Promise<string | null> {
  const [row] = await database.query<{ at: string | null }>(
    "select to_char(healing_private.quiet_until('database', $1) at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as at",
    [at],
  );
  return row!.at;
}

Deno.test("quiet_until() follows the clock on the wall, over midnight, weekdays and the change to summer time", async () => {
  const [database, contract] = await prepare();
  await using _database = database;
  await using _contract = contract;
  assert.equal(await quietUntil(database, "2026-03-27 23:00+00"), null, "none are set");
  const berlin = { from: "22:00", to: "07:00", timezone: "Europe/Berlin" };
  await setSetting(contract.rpc, "quiet_hours", berlin);
  assert.equal(await quietUntil(database, "2026-01-10 20:59+00"), null);
  assert.equal(await quietUntil(database, "2026-01-10 21:00+00"), "2026-01-11 06:00");
  assert.equal(await quietUntil(database, "2026-01-11 05:59+00"), "2026-01-11 06:00");
  assert.equal(await quietUntil(database, "2026-01-11 06:00+00"), null);
  // In the night of the change the hours end an hour earlier by the world's clock.
  assert.equal(await quietUntil(database, "2026-03-28 23:00+00"), "2026-03-29 05:00");
  await setSetting(contract.rpc, "quiet_hours", { ...berlin, days: ["fri"] });
  assert.equal(await quietUntil(database, "2026-01-10 05:00+00"), "2026-01-10 06:00", "the night of Friday");
  assert.equal(await quietUntil(database, "2026-01-10 22:00+00"), null, "the night of Saturday");
});

Deno.test("change_healing_setting() refuses quiet hours that say nothing clear", async () => {
  const [database, contract] = await prepare();
  await using _database = database;
  await using _contract = contract;
  const clear = { from: "22:00", to: "07:00", timezone: "Europe/Berlin" };
  for (
    const value of [
      { ...clear, timezone: "Mars/Olympus" },
      { from: "22:00", to: "07:00" },
      { ...clear, from: "25:00" },
      { ...clear, to: "22:00" },
      { ...clear, groups: ["everything"] },
      { ...clear, days: ["someday"] },
      { ...clear, until: "x" },
    ]
  ) {
    await assert.rejects(setSetting(contract.rpc, "quiet_hours", value), Error, JSON.stringify(value));
  }
});

Deno.test("begin_fix() starts nothing in quiet hours but what a person approved, and the settings say until when", async () => {
  const [database, contract] = await prepare();
  await using _database = database;
  await using _contract = contract;
  await setSetting(contract.rpc, "quiet_hours", {
    ...ALWAYS_QUIET,
    days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
  });
  const held = await start(contract.rpc);
  assert.equal(held.start.moved, false);
  assert.match(held.start.reason, /^quiet hours until /);
  assert.ok(held.start.retry_seconds! > 0);
  const settings = await contract.rpc.call<Record<string, { actual: unknown; reason: string }>>(
    "get_healing_settings",
    {},
  );
  assert.equal(settings.mode_database!.actual, "off");
  assert.match(settings.mode_database!.reason, /^quiet hours until /);
  assert.equal(settings.mode_call!.actual, "auto", "calls do not change state");
  assert.match(settings.quiet_hours!.reason, /^active until /);
  await database.query("update auto_fixes set approved_by = 'ada'");
  assert.equal((await beginFix(contract.rpc, held.id, held.error)).moved, true);
});

Deno.test("begin_fix() gives one error one state-changing fix an hour, whatever its target", async () => {
  const [database, contract] = await prepare();
  await using _database = database;
  await using _contract = contract;
  const first = await start(contract.rpc, {}, "v1:same");
  await apply(contract.rpc, first);
  await database.query(
    "update auto_fixes set status = 'kept', verdict = '{\"reason\": \"x\"}', finished_at = now()",
  );
  await database.query("update detected_errors set status = 'healed', resolution = 'x'");
  const second = await start(contract.rpc, { target: "extension:other" }, "v1:same");
  assert.deepEqual([second.start.moved, second.start.reason], [
    false,
    "this error had 1 fixes in the last hour",
  ]);
  assert.equal((await start(contract.rpc, { target: "extension:third" }, "v1:another")).start.moved, true);
});

Deno.test("begin_fix() asks a person about a target that was healed too often, and the approved fix goes on", async () => {
  const [database, contract] = await prepare();
  await using _database = database;
  await using _contract = contract;
  for (let round = 0; round < 3; round++) await apply(contract.rpc, await start(contract.rpc));
  const fourth = await start(contract.rpc);
  assert.equal(fourth.start.moved, false);
  assert.match(fourth.start.reason, /extension:unaccent was healed 3 times in 24 hours/);
  assert.ok(fourth.start.approval_id);
  const states = await database.query("select status from auto_fixes where id = $1", [fourth.id]);
  assert.deepEqual(states, [{ status: "awaiting_approval" }]);
  await database.query(
    "update auto_fixes set applying_at = now() - interval '25 hours' where applied_at is not null",
  );
  assert.equal((await start(contract.rpc)).start.moved, true, "the window has passed");
});

Deno.test("begin_fix() asks a person about the inverse of a fix in force", async () => {
  const [database, contract] = await prepare();
  await using _database = database;
  await using _contract = contract;
  await database.query(
    "insert into healing_private.inverse_kinds values ('create_extension', 'create_schema'), ('create_schema', 'create_extension')",
  );
  await apply(contract.rpc, await start(contract.rpc));
  await database.query(
    "update healing_private.fix_kinds set least_risk_at_runtime = 'low' where kind = 'create_schema'",
  );
  const inverse = await start(contract.rpc, { action: { kind: "create_schema", schema: "x" } });
  assert.equal(inverse.start.moved, false);
  assert.match(inverse.start.reason, /would undo fix .*create_extension/);
  assert.ok(inverse.start.approval_id);
});

Deno.test("record_fix_applied() refuses a fix that leaves what another found and found what the other left", async () => {
  const [database, contract] = await prepare();
  await using _database = database;
  await using _contract = contract;
  await apply(contract.rpc, await start(contract.rpc), { state_before: "off", state_after: "on" });
  const same = await start(contract.rpc);
  await apply(contract.rpc, same, { state_before: "on", state_after: "on" });
  const back = await start(contract.rpc);
  await assert.rejects(
    apply(contract.rpc, back, { state_before: "on", state_after: "off" }),
    /would undo fix/,
  );
  assert.deepEqual(await database.query("select status from auto_fixes where id = $1", [back.id]), [{
    status: "applying",
  }], "the transaction that applied it is taken back by its caller");
  await database.query("update auto_fixes set approved_by = 'ada' where id = $1", [back.id]);
  await apply(contract.rpc, back, { state_before: "on", state_after: "off" });
});

Deno.test("get_healing_settings() tells that automatic fixes of the database need the direct connection", async () => {
  const [database, contract] = await prepare();
  await using _database = database;
  await using _contract = contract;
  const finish = async (hasConnection: boolean) => {
    const run = { functionName: "autonomous-healing-engine", instanceId: "i", trigger: "test" };
    const { id } = await startHealingRun(contract.rpc, { runId: null, ...run });
    await finishHealingRun(contract.rpc, id, { direct_connection: hasConnection });
    const settings = await contract.rpc.call<Record<string, { actual: unknown; reason: string }>>(
      "get_healing_settings",
      {},
    );
    return `${settings.mode_database!.actual}: ${settings.mode_database!.reason}`;
  };
  assert.equal(await finish(true), "auto: in force");
  assert.match(await finish(false), /^off: the last run had no direct connection/);
  await setSetting(contract.rpc, "dry_run", true);
  assert.match(await finish(true), /^suggest: dry run/);
  await setSetting(contract.rpc, "enabled", false);
  assert.match(await finish(true), /^off: the kill switch/);
});
