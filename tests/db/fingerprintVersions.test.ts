/** The keys of two versions of the fingerprint side by side, on a real Postgres. @module */

import assert from "node:assert/strict";
import { openContract } from "../helpers/contract.ts";
import { capture, counts, merge, openGroups, undo } from "../helpers/errorGroups.ts";

Deno.test("capture_errors() finds the group that the version before opened, by either key", async () => {
  await using groups = await openGroups("v1:a");
  const { database, rpc, ids } = groups;
  const upgraded = await capture(rpc, "v2:x", { previous_fingerprint: "v1:a" });
  assert.deepEqual([upgraded.id, upgraded.fingerprint, upgraded.is_new], [ids[0], "v2:x", false]);
  assert.equal((await capture(rpc, "v1:a")).id, ids[0]);
  // What the rules before told apart and the new ones do not goes where the new key went first.
  assert.equal((await capture(rpc, "v2:x", { previous_fingerprint: "v1:b" })).id, ids[0]);
  assert.deepEqual(await counts(database), { "v1:a": 4 });
  await database.query("update detected_errors set status = 'healed', resolution = 'kept'");
  const next = await capture(rpc, "v2:x", { previous_fingerprint: "v1:a" });
  assert.equal(next.is_new, true);
  // An instance that was not upgraded yet finds the group of one that was.
  assert.equal((await capture(rpc, "v1:a")).id, next.id);
  assert.equal((await capture(rpc, "v2:x", { previous_fingerprint: "v1:a" })).id, next.id);
  assert.deepEqual(await counts(database), { "v1:a": 4, "v2:x": 3 });
});

Deno.test("capture_errors() brings a merged group's occurrences home under the key of either version", async () => {
  await using groups = await openGroups("v1:a", "v1:b");
  const { database, rpc, ids } = groups;
  const { merge_id } = await merge(database, ids);
  assert.equal((await capture(rpc, "v2:b", { previous_fingerprint: "v1:b" })).id, ids[0]);
  assert.deepEqual(await counts(database), { "v1:a": 3, "v1:b": 0 });
  await undo(database, merge_id);
  assert.deepEqual(await counts(database), { "v1:a": 1, "v1:b": 2 });
  assert.equal((await capture(rpc, "v2:b", { previous_fingerprint: "v1:b" })).id, ids[1]);
});

Deno.test("capture_errors() makes one group when instances of both versions see a new error at once", async () => {
  await using groups = await openGroups();
  const { database } = groups;
  const contracts = await Promise.all(Array.from({ length: 12 }, () => openContract(database)));
  for (let round = 0; round < 20; round++) {
    await Promise.all(contracts.map(({ rpc }, index) => {
      const old = `v1:${round}`;
      return index % 2 === 0 ? capture(rpc, old) : capture(rpc, `v2:${round}`, { previous_fingerprint: old });
    }));
  }
  const rows = await database.query("select occurrence_count::int as count from detected_errors");
  assert.deepEqual(rows.map(({ count }) => count), Array(20).fill(12));
  await Promise.all(contracts.map((contract) => contract[Symbol.asyncDispose]()));
});
