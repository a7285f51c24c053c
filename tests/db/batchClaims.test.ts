import assert from "node:assert/strict";
import {
  captureErrors,
  type ClaimedError,
  claimErrors,
  exchangeClaims,
  releaseErrors,
} from "../../supabase/functions/_shared/healingDb.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { occurrence, openContract, setSetting } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";

const ERRORS = 1_000;
const RELEASE = { status: "healed" as const, reason: "it passed by itself" };

Deno.test("exchange_claims() of eight workers hands each of many errors to one of them, once", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  for (let start = 0; start < ERRORS; start += 500) {
    await captureErrors(
      contract.rpc,
      Array.from({ length: 500 }, (_, index) => occurrence({ fingerprint: `v1:${start + index}` })),
    );
  }
  const handled: string[] = [];
  await Promise.all(Array.from({ length: 8 }, async (_, index) => {
    const connection = await openDirectConnection(database.url);
    let held: ClaimedError[] = [];
    do {
      const { released, claimed } = await exchangeClaims(
        connection.rpc,
        held.map((claim) => ({ ...RELEASE, claim })),
        { worker: `worker ${index}`, limit: 20 },
      );
      handled.push(...released);
      held = claimed;
    } while (held.length > 0);
    await connection.close();
  }));
  assert.equal(handled.length, ERRORS);
  assert.equal(new Set(handled).size, ERRORS);
  const states = await database.query(
    "select status, attempt_count, count(*)::integer as n from detected_errors group by 1, 2",
  );
  assert.deepEqual(states, [{ status: "healed", attempt_count: 1, n: ERRORS }]);
  const events = await database.query("select from healing_events where event_type = 'no_fix'");
  assert.equal(events.length, ERRORS);
});

Deno.test("release_errors() leaves out a claim that has gone to another worker, and releases the others", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await captureErrors(contract.rpc, ["a", "b"].map((name) => occurrence({ fingerprint: `v1:${name}` })));
  const mine = await claimErrors(contract.rpc, { worker: "slow", limit: 2 });
  await database.query(
    "update detected_errors set lease_expires_at = now() - interval '1 s' where id = $1",
    [mine[0]!.id],
  );
  const [taken] = await claimErrors(contract.rpc, { worker: "next", limit: 2 });
  assert.equal(taken!.id, mine[0]!.id);
  const released = await releaseErrors(contract.rpc, mine.map((claim) => ({ ...RELEASE, claim })));
  assert.deepEqual(released, [mine[1]!.id]);
  assert.deepEqual(
    await database.query("select claimed_by from detected_errors where id = $1", [taken!.id]),
    [
      { claimed_by: "next" },
    ],
  );
});

Deno.test("release_errors() asks people about what is escalated, and gives back what was no attempt", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await captureErrors(contract.rpc, ["a", "b"].map((name) => occurrence({ fingerprint: `v1:${name}` })));
  const [first, second] = await claimErrors(contract.rpc, { worker: "w", limit: 2 }) as [
    ClaimedError,
    ClaimedError,
  ];
  await releaseErrors(contract.rpc, [
    { claim: first, status: "escalated", reason: "nobody knows it" },
    { claim: second, status: "open", reason: "a switch held it", counts: false, retrySeconds: 600 },
  ]);
  assert.equal(
    (await database.query("select from notifications where dedupe_key = $1", [`escalated:${first.id}`]))
      .length,
    1,
  );
  const [open] = await database.query(
    "select attempt_count, next_attempt_at > now() + interval '9 minutes' as rests from detected_errors where id = $1",
    [second.id],
  );
  assert.deepEqual(open, { attempt_count: 0, rests: true });
  await assert.rejects(
    releaseErrors(contract.rpc, [{ claim: second, status: "gone" as "open", reason: "x" }]),
    /release_errors takes/,
  );
});

Deno.test("claim_due_errors() takes nothing while the kill switch is thrown, and only what is of the project", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await captureErrors(
    contract.rpc,
    ["a", "b"].map((name) => occurrence({ fingerprint: "v1:x", project_id: name })),
  );
  await setSetting(contract.rpc, "enabled", false);
  assert.deepEqual(await claimErrors(contract.rpc, { worker: "w", limit: 10 }), []);
  await setSetting(contract.rpc, "enabled", true);
  const claimed = await claimErrors(contract.rpc, { worker: "w", limit: 10, projectId: "b" });
  assert.equal(claimed.length, 1);
  assert.deepEqual(await claimErrors(contract.rpc, { worker: "w", limit: 10, projectId: "c" }), []);
});
