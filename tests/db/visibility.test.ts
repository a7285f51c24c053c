/**
 * Whatever policies there are, a repair lets nobody see or write more. Schemas, policies, people and rows are made at
 * random; what each may see and write is worked out here, in another language, from the rows themselves.
 */

import assert from "node:assert/strict";
import type { Json } from "../../supabase/functions/_shared/core/ports.ts";
import { kindOf, parseFixAction } from "../../supabase/functions/_shared/fixActions.ts";
import { type DirectTransaction, openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { ALICE, EVE } from "../helpers/accessFixes.ts";
import { createTestDatabase } from "../helpers/database.ts";
import {
  allows,
  attempt,
  BROKEN,
  build,
  CALLERS,
  type MadePolicy,
  policy,
  readings,
  type Row,
  rows,
  type World,
} from "../helpers/policyWorlds.ts";
import { assertAsyncProperty, fc } from "../helpers/property.ts";

/** Nobody sees or writes a row that the policies, read word by word, do not give. */
async function assertNotWider(
  tx: DirectTransaction,
  world: World,
  policies: readonly MadePolicy[],
): Promise<void> {
  for (const table of ["alpha", "beta"] as const) {
    for (const caller of CALLERS) {
      const may = (command: MadePolicy["command"], one: Row) =>
        allows(policies, world, table, command, caller, one);
      const check = (command: MadePolicy["command"], found: number[] | string) => {
        const given = world[table].filter((one) => may(command, one)).map(({ id }) => id);
        const more = typeof found === "string" ? [] : found.filter((id) => !given.includes(id));
        assert.deepEqual(more, [], `${command} on ${table} as ${caller.join(" ")}`);
      };
      const read = await attempt(tx, caller, `select id from ${table}`);
      check("select", read);
      check("update", await attempt(tx, caller, `update ${table} set flag = flag returning id`));
      check("delete", await attempt(tx, caller, `delete from ${table} returning id`));
      for (const who of [ALICE, EVE]) {
        const one: Row = { id: 99, team: 1, who, owner: null, flag: true };
        const inserted = await attempt(
          tx,
          caller,
          `insert into ${table} values (99, 1, '${who}', null, true)`,
        );
        if (typeof inserted !== "string") {
          assert.ok(may("insert", one), `insert into ${table} as ${caller.join(" ")}`);
        }
      }
    }
  }
}

const POLICIES =
  "select tablename, policyname, roles::text, qual, with_check from pg_policies where schemaname = 'public' order by 1, 2";

for (const repair of ["break_recursion", "evaluate_once", "compare_as_text"] as const) {
  Deno.test(`replace_policy, ${repair}: nobody sees or writes more, whatever the policies, and it takes itself back`, async () => {
    await using database = await createTestDatabase();
    const connection = await openDirectConnection(database.url);
    const action = parseFixAction({ kind: "replace_policy", repair, table: "public.alpha" });
    const kind = kindOf(action);
    let applied = 0;
    let refused = 0;
    const property = fc.asyncProperty(
      rows,
      rows,
      BROKEN[repair],
      fc.array(policy, { maxLength: 4 }),
      async (alpha, beta, first, more) => {
        const world = { alpha, beta };
        const policies = [first, ...more];
        await connection.transaction(async (tx) => {
          await build(tx, world, policies);
          const before = { read: await readings(tx), texts: await tx.query(POLICIES) };
          await tx.query("savepoint before_fix");
          let rollbackPoint: Json;
          try {
            const precondition = await kind.precondition({ sql: tx }, action);
            assert.equal(precondition.kind, "go");
            rollbackPoint = await kind.snapshot({ sql: tx }, action);
            await kind.apply({ sql: tx }, action);
            const probe = await kind.probe({ sql: tx }, action);
            assert.ok(probe.ok, probe.measured);
          } catch {
            await tx.query("rollback to savepoint before_fix");
            assert.deepEqual(await tx.query(POLICIES), before.texts);
            refused++;
            return;
          }
          applied++;
          await assertNotWider(tx, world, policies);
          const after = await readings(tx);
          if (repair === "break_recursion") assert.notEqual(after[0], "42P17");
          before.read.forEach((found, index) => {
            if (typeof found !== "string") assert.deepEqual(after[index], found);
          });
          await kind.revert({ sql: tx }, action, rollbackPoint);
          assert.deepEqual(await tx.query(POLICIES), before.texts);
          assert.deepEqual(await readings(tx), before.read);
        }, { rollback: true });
      },
    );
    try {
      await assertAsyncProperty(property, { runs: 15 });
    } finally {
      await connection.close();
    }
    assert.ok(applied > 3, `only ${applied} of ${applied + refused} worlds were mended`);
  });
}

/** Fixes that touch what somebody may do, other than policies: none of them shows anybody a row. */
const OTHERS: readonly object[] = [
  { kind: "set_view_invoker", view: "public.shown" },
  { kind: "grant_privilege", on: "table", name: "alpha", to: "service_role" },
  { kind: "grant_privilege", on: "sequence", name: "counted_n_seq", to: "service_role" },
  { kind: "grant_privilege", on: "sequence", name: "counted_n_seq", to: "authenticated" },
  { kind: "grant_privilege", on: "schema", name: "app", to: "service_role" },
  { kind: "create_bucket", bucket: "avatars" },
  { kind: "create_unique_index", table: "counted", columns: ["word"] },
  { kind: "qualify_search_path", missing: "relation", name: "counters" },
  { kind: "repair_signup_trigger", said: null },
];

const SURROUNDINGS = `
  alter default privileges in schema public grant usage on sequences to authenticated;
  create view shown as select * from alpha;
  create table counted (n serial, word text); alter table counted enable row level security;
  create policy everybody_counts on counted for insert to authenticated with check (n > 0);
  grant insert on counted to authenticated; revoke all on sequence counted_n_seq from authenticated, service_role;
  revoke all on alpha from service_role;
  create schema app; create table app.counters (n int); grant usage on schema app to authenticated;
  create function count_all() returns bigint language plpgsql set search_path = '' as 'begin return (select count(*) from counters); end';
  create table profiles (id uuid primary key);
  create function handle_new_user() returns trigger language plpgsql security definer
    as 'begin insert into profiles (id) values (new.id); return new; end';
  create trigger on_auth_user_created after insert on auth.users for each row execute function handle_new_user()`;

/** What each caller reads of everything that is there. */
async function allReadings(tx: DirectTransaction): Promise<Map<string, number[]>> {
  const all = new Map<string, number[]>();
  const looks = ["alpha", "beta", "shown"].map((name) => `select id from ${name}`);
  looks.push(
    "select n as id from app.counters",
    "select count_all()::int as id",
    "select 1 as id from profiles",
  );
  looks.push("select 1 as id from storage.buckets", "select n as id from counted");
  for (const look of looks) {
    for (const caller of CALLERS) {
      const found = await attempt(tx, caller, look);
      all.set(`${caller.join(" ")}: ${look}`, typeof found === "string" ? [] : found);
    }
  }
  return all;
}

Deno.test("every other fix that touches access shows nobody a row that they did not see, whatever the policies", async () => {
  await using database = await createTestDatabase();
  const connection = await openDirectConnection(database.url);
  const applied = new Map<string, number>();
  const property = fc.asyncProperty(
    rows,
    rows,
    fc.array(policy, { maxLength: 4 }),
    fc.subarray(["anon", "authenticated"]),
    async (alpha, beta, policies, readers) => {
      await connection.transaction(async (tx) => {
        await build(tx, { alpha, beta }, policies);
        for (const statement of SURROUNDINGS.split(/;\n/)) await tx.query(statement);
        if (readers.length > 0) await tx.query(`grant select on shown to ${readers.join(", ")}`);
        const before = await allReadings(tx);
        for (const draft of OTHERS) {
          const action = parseFixAction(draft);
          const kind = kindOf(action);
          await tx.query("savepoint before_fix");
          if ((await kind.precondition({ sql: tx }, action)).kind !== "go") continue;
          await kind.apply({ sql: tx }, action);
          for (const [who, found] of await allReadings(tx)) {
            const more = found.filter((id) => !before.get(who)!.includes(id));
            // What a function counts is its caller's own to see, once it finds its table.
            if (!who.endsWith("count_all()::int as id")) assert.deepEqual(more, [], `${action.kind}: ${who}`);
          }
          applied.set(JSON.stringify(draft), (applied.get(JSON.stringify(draft)) ?? 0) + 1);
          await tx.query("rollback to savepoint before_fix");
        }
      }, { rollback: true });
    },
  );
  try {
    await assertAsyncProperty(property, { runs: 4 });
  } finally {
    await connection.close();
  }
  const never = OTHERS.map((draft) => JSON.stringify(draft)).filter((draft) => !applied.has(draft));
  assert.deepEqual(never, [], "each of them was applied in some world");
});
