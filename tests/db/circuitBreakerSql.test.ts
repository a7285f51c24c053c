import assert from "node:assert/strict";
import type { BreakerReport } from "../../supabase/functions/_shared/circuitBreaker.ts";
import {
  breakerStore,
  claimCircuitProbe,
  getCircuitBreakers,
  resetCircuitBreaker,
} from "../../supabase/functions/_shared/healingDb.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";

function report(changes: Partial<BreakerReport> = {}): BreakerReport {
  return {
    name: "target",
    group: "",
    version: 1,
    isOpen: true,
    failures: 5,
    errorCode: "TIMEOUT",
    cooldownMs: 60_000,
    quorum: 2,
    quorumShare: 0,
    ...changes,
  };
}

/** Stores of isolates with a connection each. */
async function connect(database: TestDatabase, isolates: number) {
  const contracts = await Promise.all(Array.from({ length: isolates }, () => openContract(database)));
  return {
    rpc: contracts[0]!.rpc,
    rpcs: contracts.map((contract) => contract.rpc),
    stores: contracts.map((contract, index) => breakerStore(contract.rpc, { isolate: `isolate-${index}` })),
    [Symbol.asyncDispose]: () =>
      Promise.all(contracts.map((contract) => contract[Symbol.asyncDispose]())).then(() => {}),
  };
}

/** Time passes: the stored times go back. */
async function pass(database: TestDatabase, seconds: number): Promise<void> {
  await database.query(
    `update circuit_breakers set opened_at = opened_at - make_interval(secs => $1),
       probe_after = probe_after - make_interval(secs => $1),
       probe_lease_expires_at = probe_lease_expires_at - make_interval(secs => $1)`,
    [seconds],
  );
  await database.query(
    `update healing_private.circuit_breaker_isolates set seen_at = seen_at - make_interval(secs => $1),
       voted_at = voted_at - make_interval(secs => $1)`,
    [seconds],
  );
}

Deno.test("report_circuit_breaker() opens when the last vote of two that come at once arrives, every time", async () => {
  await using database = await createTestDatabase();
  await using fleet = await connect(database, 2);
  for (let round = 0; round < 60; round++) {
    const name = `target ${round}`;
    await Promise.all(fleet.stores.map((store) => store.report(report({ name, isOpen: false }))));
    const views = await Promise.all(fleet.stores.map((store) => store.report(report({ name }))));
    assert.deepEqual(views.map(({ opened }) => opened).sort(), [false, true]);
    const [row] = await database.query("select state, version from circuit_breakers where name = $1", [name]);
    assert.deepEqual(row, { state: "open", version: "2" });
  }
});

Deno.test("report_circuit_breaker() opens once however many isolates vote at once", async () => {
  await using database = await createTestDatabase();
  await using fleet = await connect(database, 20);
  for (let round = 0; round < 20; round++) {
    const name = `target ${round}`;
    await fleet.stores[0]!.report(report({ name, isOpen: false }));
    const views = await Promise.all(fleet.stores.map((store) => store.report(report({ name }))));
    assert.equal(views.filter(({ opened }) => opened).length, 1);
  }
  const [row] = await database.query(
    "select sum(opened_count)::int as opened, max(version)::int as version from circuit_breakers",
  );
  assert.deepEqual(row, { opened: 20, version: 2 });
});

Deno.test("report_circuit_breaker() counts an isolate once, however often it votes", async () => {
  await using database = await createTestDatabase();
  await using fleet = await connect(database, 1);
  for (let i = 0; i < 20; i++) assert.equal((await fleet.stores[0]!.report(report())).state, "closed");
  const [breaker] = await getCircuitBreakers(fleet.rpc);
  assert.equal(breaker!.votes, 1);
  assert.equal(breaker!.failure_count, 100);
});

Deno.test("report_circuit_breaker() asks for a share of the isolates that are active", async () => {
  await using database = await createTestDatabase();
  await using fleet = await connect(database, 10);
  const share = { quorumShare: 0.4 };
  for (const store of fleet.stores) await store.report(report({ isOpen: false }));
  for (const store of fleet.stores.slice(0, 3)) {
    assert.equal((await store.report(report(share))).state, "closed");
  }
  const view = await fleet.stores[3]!.report(report(share));
  assert.deepEqual([view.state, view.opened, view.activeIsolates], ["open", true, 10]);
  const [breaker] = await getCircuitBreakers(fleet.rpc);
  assert.deepEqual(breaker!.evidence, {
    votes: 4,
    active: 10,
    needed: 4,
    isolates: ["isolate-0", "isolate-1", "isolate-2", "isolate-3"],
    error_codes: ["TIMEOUT"],
  });
});

Deno.test("report_circuit_breaker() forgets votes that are old, withdrawn, or about another version", async () => {
  await using database = await createTestDatabase();
  await using fleet = await connect(database, 3);
  const [first, second, third] = fleet.stores;
  await first!.report(report());
  await pass(database, 61);
  assert.equal((await second!.report(report())).state, "closed", "the first vote is too old");
  await second!.report(report({ isOpen: false }));
  assert.equal((await third!.report(report())).state, "closed", "the second vote was withdrawn");
  await resetCircuitBreaker(fleet.rpc, "target", "a test");
  assert.equal((await first!.report(report())).state, "closed", "a late vote on the version before");
  assert.equal(
    (await second!.report(report({ version: undefined }))).state,
    "closed",
    "a vote on no version",
  );
  assert.equal((await first!.report(report({ version: 2 }))).state, "closed");
  assert.equal((await second!.report(report({ version: 2 }))).state, "open");
});

Deno.test("claim_circuit_probe() grants one probe after the cooldown, whoever asks at once", async () => {
  await using database = await createTestDatabase();
  await using fleet = await connect(database, 20);
  const claims = () =>
    Promise.all(fleet.stores.map((store) => store.claimProbe({ name: "target", leaseMs: 30_000 })));
  for (const store of fleet.stores.slice(0, 2)) await store.report(report());
  assert.equal((await claims()).filter(({ granted }) => granted).length, 0, "too early");
  for (let cooldown = 1; cooldown <= 25; cooldown++) {
    await pass(database, 60);
    const granted = (await claims()).filter((claim) => claim.granted);
    assert.equal(granted.length, 1);
    assert.equal(granted[0]!.probeNumber, cooldown);
    const view = await fleet.stores[5]!.finishProbe({
      name: "target",
      probeNumber: cooldown,
      outcome: "failed",
    });
    assert.equal(view.state, "open");
    assert.ok(view.remainingMs > 59_000 && view.remainingMs <= 60_000);
  }
});

Deno.test("finish_circuit_probe() believes only the probe that holds the lease", async () => {
  await using database = await createTestDatabase();
  await using fleet = await connect(database, 2);
  const [first, second] = fleet.stores;
  for (const store of fleet.stores) await store.report(report());
  await pass(database, 60);
  const lost = await first!.claimProbe({ name: "target", leaseMs: 30_000 });
  assert.equal((await second!.claimProbe({ name: "target", leaseMs: 30_000 })).granted, false);
  await pass(database, 31);
  const held = await second!.claimProbe({ name: "target", leaseMs: 30_000 });
  assert.deepEqual([lost.granted, held.granted], [true, true]);
  const late = await first!.finishProbe({
    name: "target",
    probeNumber: lost.probeNumber,
    outcome: "succeeded",
  });
  assert.equal(late.state, "halfOpen");
  const view = await second!.finishProbe({
    name: "target",
    probeNumber: held.probeNumber,
    outcome: "succeeded",
  });
  assert.equal(view.state, "closed");
  const again = await second!.finishProbe({
    name: "target",
    probeNumber: held.probeNumber,
    outcome: "failed",
  });
  assert.deepEqual([again.state, again.version], ["closed", view.version]);
});

Deno.test("finish_circuit_probe() lets another isolate try at once after an abandoned probe", async () => {
  await using database = await createTestDatabase();
  await using fleet = await connect(database, 2);
  for (const store of fleet.stores) await store.report(report());
  await pass(database, 60);
  const { probeNumber } = await fleet.stores[0]!.claimProbe({ name: "target", leaseMs: 30_000 });
  await fleet.stores[0]!.finishProbe({ name: "target", probeNumber, outcome: "abandoned" });
  assert.equal((await fleet.stores[1]!.claimProbe({ name: "target", leaseMs: 30_000 })).granted, true);
});

Deno.test("report_circuit_breaker() opens one of two targets of a group when both fail at once", async () => {
  await using database = await createTestDatabase();
  await using fleet = await connect(database, 4);
  for (let round = 0; round < 30; round++) {
    const group = `group ${round}`;
    const names = [`a ${round}`, `b ${round}`];
    for (const name of names) await fleet.stores[0]!.report(report({ name, group, isOpen: false }));
    await Promise.all(
      fleet.stores.map((store, index) => store.report(report({ name: names[index % 2]!, group }))),
    );
    const rows = await database.query(
      "select state from circuit_breakers where group_name = $1 order by state",
      [group],
    );
    assert.deepEqual(rows.map(({ state }) => state), ["closed", "open"]);
  }
});

Deno.test("the breaker's functions refuse what makes no sense, with a code", async () => {
  await using database = await createTestDatabase();
  await using fleet = await connect(database, 1);
  const { rpc, stores } = fleet;
  await assert.rejects(stores[0]!.report(report({ name: "" })), { code: "BAD_REQUEST" });
  await assert.rejects(claimCircuitProbe(rpc, "me", { name: "no such", leaseMs: 1 }), { code: "NOT_FOUND" });
  await assert.rejects(resetCircuitBreaker(rpc, "no such", "why"), { code: "NOT_FOUND" });
  await stores[0]!.report(report());
  await assert.rejects(resetCircuitBreaker(rpc, "target", " "), { code: "BAD_REQUEST" });
  const end = { name: "target", probeNumber: 1, outcome: "perhaps" as never };
  await assert.rejects(stores[0]!.finishProbe(end), { code: "BAD_REQUEST" });
});

Deno.test("set_circuit_breaker_mode() obeys admins, and neither machines nor other people", async () => {
  await using database = await createTestDatabase();
  await using fleet = await connect(database, 1);
  await fleet.stores[0]!.report(report());
  const call = "select public.set_circuit_breaker_mode('target', 'forced_open', 'maintenance')";
  const admin = { sub: "a0000000-0000-4000-8000-000000000001", app_metadata: { role: "admin" } };
  await assert.rejects(database.asRole("service_role", {}, (session) => session.query(call)), {
    code: "PT403",
  });
  await assert.rejects(database.asRole("authenticated", {}, (session) => session.query(call)), {
    code: "PT403",
  });
  await assert.rejects(database.asRole("anon", {}, (session) => session.query(call)), { code: "42501" });
  await database.asRole("authenticated", admin, (session) => session.query(call));
  const [breaker] = await getCircuitBreakers(fleet.rpc);
  assert.equal(breaker!.mode, "forced_open");
  assert.equal(breaker!.version, 2);
});

Deno.test("the breaker's functions work for the service role, and anon may call none", async () => {
  await using database = await createTestDatabase();
  const p_report = { ...report(), isolate: "me", is_open: true };
  const view = await database.rpc<{ state: string }>("report_circuit_breaker", { p_report });
  assert.equal(view.state, "closed");
  await database.rpc("claim_circuit_probe", { p_name: "target", p_isolate: "me", p_lease_ms: 1_000 });
  await database.rpc("finish_circuit_probe", { p_name: "target", p_probe_number: 1, p_outcome: "failed" });
  await database.rpc("reset_circuit_breaker", { p_name: "target", p_reason: "a test" });
  assert.equal((await database.rpc<unknown[]>("get_circuit_breakers")).length, 1);
  for (const name of ["report_circuit_breaker", "get_circuit_breakers"]) {
    const args = name === "report_circuit_breaker" ? { p_report } : {};
    await assert.rejects(database.rpc(name, args, "anon"), { code: "42501" });
  }
});

Deno.test("report_circuit_breaker() writes nothing for a refresh without news, and forgets silent isolates", async () => {
  await using database = await createTestDatabase();
  await using fleet = await connect(database, 2);
  const idle = report({ isOpen: false, failures: 0 });
  for (const store of fleet.stores) await store.report(idle);
  const rows = () =>
    database.query("select isolate_id, xmin::text from healing_private.circuit_breaker_isolates order by 1");
  const before = await rows();
  for (let i = 0; i < 5; i++) await fleet.stores[0]!.report(idle);
  assert.deepEqual(await rows(), before);
  await pass(database, 601);
  await fleet.stores[0]!.report(idle);
  assert.deepEqual((await rows()).map(({ isolate_id }) => isolate_id), ["isolate-0"]);
});
