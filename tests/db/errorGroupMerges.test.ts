/** Merges of error groups and their undo, on a real Postgres. @module */

import assert from "node:assert/strict";
import { captureErrors, claimErrors, proposeFix } from "../../supabase/functions/_shared/healingDb.ts";
import { occurrence, openContract, proposal } from "../helpers/contract.ts";
import { capture, counts, type Merge, merge, openGroups, undo } from "../helpers/errorGroups.ts";

Deno.test("merge_error_groups() moves the counts into the first group, and later captures follow", async () => {
  await using groups = await openGroups("a", "b", "c");
  const { database, rpc, ids } = groups;
  await capture(rpc, "b");
  assert.equal((await merge(database, ids)).occurrence_count, 4);
  assert.deepEqual(await counts(database), { a: 4, b: 0, c: 0 });
  const group = await capture(rpc, "b");
  assert.deepEqual([group.id, group.fingerprint, group.is_new], [ids[0], "b", false]);
  assert.deepEqual(await counts(database), { a: 5, b: 0, c: 0 });
});

Deno.test("undo_error_group_merge() gives every occurrence back, also those that came while merged", async () => {
  await using groups = await openGroups("a", "b");
  const { database, rpc, ids } = groups;
  const { merge_id } = await merge(database, ids);
  for (const name of ["a", "b", "b", "b"]) await capture(rpc, name);
  await captureErrors(rpc, [occurrence({ fingerprint: "a" }), occurrence({ fingerprint: "b" })]);
  assert.deepEqual(await counts(database), { a: 8, b: 0 });
  await undo(database, merge_id);
  assert.deepEqual(await counts(database), { a: 3, b: 5 });
  assert.equal((await capture(rpc, "b")).id, ids[1]);
  assert.deepEqual(await counts(database), { a: 3, b: 6 });
});

Deno.test("merge_error_groups() of merged groups is undone from the last to the first", async () => {
  await using groups = await openGroups("a", "b", "c");
  const { database, rpc, ids: [a, b, c] } = groups;
  const first = await merge(database, [b!, a!]);
  await capture(rpc, "a");
  const second = await merge(database, [c!, b!]);
  for (const name of ["a", "b", "c"]) await capture(rpc, name);
  assert.deepEqual(await counts(database), { a: 0, b: 0, c: 7 });
  await assert.rejects(undo(database, first.merge_id), { code: "PT409" });
  await undo(database, second.merge_id);
  assert.deepEqual(await counts(database), { a: 0, b: 5, c: 2 });
  await undo(database, first.merge_id);
  assert.deepEqual(await counts(database), { a: 3, b: 2, c: 2 });
});

Deno.test("undo_error_group_merge() is exact also when the kept group was healed and opened again meanwhile", async () => {
  await using groups = await openGroups("a", "b");
  const { database, rpc, ids } = groups;
  const { merge_id } = await merge(database, ids);
  await capture(rpc, "b");
  await database.query("update detected_errors set status = 'healed', resolution = 'kept' where id = $1", [
    ids[0],
  ]);
  const again = await capture(rpc, "b");
  assert.notEqual(again.id, ids[0]);
  await undo(database, merge_id);
  assert.deepEqual(await counts(database), { a: 1, b: 3 });
  const [left] = await database.query(
    "select status, occurrence_count::int from detected_errors where id = $1",
    [again.id],
  );
  assert.deepEqual(left, { status: "ignored", occurrence_count: 0 });
});

Deno.test("a merge may be made, undone and made again any number of times", async () => {
  await using groups = await openGroups("a", "b");
  const { database, rpc, ids } = groups;
  for (let round = 0; round < 5; round++) {
    const { merge_id } = await merge(database, round % 2 === 0 ? ids : ids.toReversed());
    await capture(rpc, "a");
    await capture(rpc, "b");
    await undo(database, merge_id);
    assert.deepEqual(await counts(database), { a: round + 2, b: round + 2 });
  }
  const [state] = await database.query(
    "select count(*)::int as left from healing_private.fingerprint_aliases",
  );
  assert.equal(state!.left, 0);
});

Deno.test("undo_error_group_merge() restores state and first sight, whatever the order of two merges", async () => {
  await using groups = await openGroups("a", "b", "c");
  const { database, ids: [a, b, c] } = groups;
  await database.query(
    "update detected_errors set first_seen_at = now() - make_interval(days => case fingerprint when 'a' then 1 when 'b' then 2 else 3 end)",
  );
  await database.query("update detected_errors set status = 'ignored', resolution = 'known' where id = $1", [
    b,
  ]);
  const read = () =>
    database.query(
      "select fingerprint, status, resolution, merged_into, first_seen_at from detected_errors order by 1",
    );
  const before = await read();
  const first = await merge(database, [a!, b!]);
  const second = await merge(database, [a!, c!]);
  await undo(database, first.merge_id);
  assert.deepEqual((await read())[0]!.first_seen_at, before[2]!.first_seen_at);
  await undo(database, second.merge_id);
  assert.deepEqual(await read(), before);
});

Deno.test("fixes, operations and events of a merged group stay in reach, and go back with it", async () => {
  await using groups = await openGroups("a", "b");
  const { database, rpc, ids } = groups;
  const operation = {
    kind: "invoke_function",
    target: "f",
    payload: {},
    idempotency_key: "k",
    caller_role: "anon",
  } as const;
  await capture(rpc, "b", { operation });
  const [claim] = await claimErrors(rpc, { worker: "w", errorId: ids[1]! });
  await proposeFix(rpc, proposal(claim!));
  await assert.rejects(merge(database, ids), { code: "PT409" });
  await database.query("select decide_approval(id, 'reject', 'not this way') from admin_approval_queue");
  const { merge_id } = await merge(database, ids);
  const owner = (table: string) => database.query(`select distinct detected_error_id as id from ${table}`);
  assert.deepEqual(await owner("auto_fixes"), [{ id: ids[0] }]);
  assert.deepEqual(await owner("queued_operations"), [{ id: ids[0] }]);
  const [seen] = await database.query(
    `select sum(e.occurrences)::int as occurrences from healing_events as e
     join error_group_members as m on m.member_id = e.detected_error_id where m.group_id = $1 and e.event_type = 'occurrence'`,
    [ids[0]],
  );
  assert.equal(seen!.occurrences, 3);
  await undo(database, merge_id);
  assert.deepEqual(await owner("auto_fixes"), [{ id: ids[1] }]);
  assert.deepEqual(await owner("queued_operations"), [{ id: ids[1] }]);
});

Deno.test("merge_error_groups() and its undo obey admins with a reason, and nobody else", async () => {
  await using groups = await openGroups("a", "b");
  const { database, ids } = groups;
  const call = `select merge_error_groups('{${ids.join(",")}}', 'one cause') as merge`;
  const admin = { sub: "a0000000-0000-4000-8000-000000000001", app_metadata: { role: "admin" } };
  for (const role of ["service_role", "authenticated"] as const) {
    await assert.rejects(database.asRole(role, {}, (session) => session.query(call)), { code: "PT403" });
  }
  await assert.rejects(database.asRole("anon", {}, (session) => session.query(call)), { code: "42501" });
  const [row] = await database.asRole("authenticated", admin, (session) => session.query(call));
  const { merge_id } = row!.merge as Merge;
  await assert.rejects(database.query("select undo_error_group_merge($1, ' ')", [merge_id]), {
    code: "PT400",
  });
  await undo(database, merge_id);
  const [stored] = await database.query(
    "select merged_by, undone_by is not null as undone from error_group_merges",
  );
  assert.deepEqual(stored, { merged_by: admin.sub, undone: true });
  await assert.rejects(undo(database, merge_id), { code: "PT409" });
});

Deno.test("merge_error_groups() refuses what makes no sense, and changes nothing", async () => {
  await using groups = await openGroups("a", "b");
  const { database, rpc, ids } = groups;
  const [other] = (await captureErrors(rpc, [occurrence({ fingerprint: "a", project_id: "other" })])).errors;
  const unknown = "00000000-0000-4000-8000-000000000000";
  const refusals: [(string | null)[] | null, string][] = [
    [null, "PT400"],
    [[], "PT400"],
    [[ids[0]!], "PT400"],
    [[ids[0]!, ids[0]!], "PT400"],
    [[ids[0]!, null], "PT400"],
    [[ids[0]!, unknown], "PT404"],
    [[ids[0]!, other!.id], "PT409"],
  ];
  for (const [list, code] of refusals) {
    await assert.rejects(database.query("select merge_error_groups($1, 'why')", [list]), { code });
  }
  await assert.rejects(database.query("select merge_error_groups($1, '')", [ids]), { code: "PT400" });
  await assert.rejects(undo(database, unknown), { code: "PT404" });
  assert.deepEqual(await database.query("select from error_group_merges"), []);
  assert.deepEqual(await counts(database), { a: 2, b: 1 });
});

Deno.test("64 capturers lose no occurrence and never deadlock while their groups are merged and unmerged", async () => {
  const names = Array.from({ length: 8 }, (_, index) => `v2:${index}`);
  await using groups = await openGroups(...names);
  const { database, ids } = groups;
  const contracts = await Promise.all(Array.from({ length: 64 }, () => openContract(database)));
  const sent = new Map(names.map((name) => [name, 1]));
  let isDone = false;
  const capturing = Promise.all(contracts.map(async ({ rpc }, index) => {
    for (let round = 0; round < 12; round++) {
      const batch = names.map((_, place) => names[(place * 3 + index + round) % names.length]!)
        .slice(0, 1 + (index + round) % names.length);
      const { errors, rejected } = await captureErrors(
        rpc,
        batch.map((fingerprint) => occurrence({ fingerprint })),
      );
      assert.deepEqual([errors.length, rejected], [batch.length, 0]);
      for (const name of batch) sent.set(name, sent.get(name)! + 1);
    }
  })).finally(() => isDone = true);
  const inForce: string[] = [];
  let merges = 0;
  // A merge of the first half, then one of a group of the second half into it, and back.
  while (!isDone || inForce.length > 0) {
    try {
      if (inForce.length < 2 && !isDone) {
        const wanted = inForce.length === 0 ? ids.slice(0, 4) : [ids[4]!, ids[0]!];
        inForce.push((await merge(database, wanted)).merge_id);
        merges += 1;
      } else {
        await undo(database, inForce.at(-1)!);
        inForce.pop();
      }
    } catch (error) {
      // On a very busy machine the captures under way take longer than a merge waits for them.
      assert.equal((error as { code?: string }).code, "PT409");
    }
  }
  await capturing;
  assert.ok(merges >= 2, `only ${merges} merges happened meanwhile`);
  assert.deepEqual(await counts(database), Object.fromEntries(sent));
  const [events] = await database.query(
    "select sum(occurrences)::int as sum from healing_events where event_type = 'occurrence'",
  );
  assert.equal(events!.sum, [...sent.values()].reduce((sum, count) => sum + count, 0));
  await Promise.all(contracts.map((contract) => contract[Symbol.asyncDispose]()));
});
