/**
 * Whatever policies there are, a repair lets nobody see or write more. Schemas, policies, people and rows are made at
 * random; what each may see and write is worked out here, in another language, from the rows themselves.
 */

import assert from "node:assert/strict";
import type { Json } from "../../supabase/functions/_shared/core/ports.ts";
import { kindOf, parseFixAction } from "../../supabase/functions/_shared/fixActions.ts";
import { type DirectTransaction, openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { ALICE, BOB, EVE } from "../helpers/accessFixes.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { assertAsyncProperty, fc } from "../helpers/property.ts";

interface Row {
  id: number;
  team: number;
  who: string | null;
  /** The same as a text, as careless tables keep it: in capitals, or no id at all. */
  owner: string | null;
  flag: boolean;
}
type World = Record<Table, Row[]>;
type Table = "alpha" | "beta";

/** A condition in SQL, and what it means for a row, with the tables in it unfiltered. */
interface Condition {
  sql(table: Table): string;
  holds(world: World, row: Row, caller: string | null): boolean;
}

function teamOfCaller(inner: Table): Condition {
  return {
    sql: () => `team in (select i.team from ${inner} i where i.who = auth.uid())`,
    holds: (world, row, caller) =>
      caller !== null && world[inner].some((one) => one.who === caller && one.team === row.team),
  };
}

function existsFor(inner: Table, needsFlag: boolean): Condition {
  return {
    sql: (table) =>
      `exists (select 1 from ${inner} i where i.team = ${table}.team and i.who = (select auth.uid())${
        needsFlag ? " and i.flag" : ""
      })`,
    holds: (world, row, caller) =>
      caller !== null &&
      world[inner].some((one) => one.who === caller && one.team === row.team && (!needsFlag || one.flag)),
  };
}

const OWN: Condition = {
  sql: () => "who = auth.uid()",
  holds: (_, row, caller) => caller !== null && row.who === caller,
};
/** A policy that takes the text for an id, and fails for all when one row holds none. */
const CASTING: Condition = {
  sql: () => "owner::uuid = auth.uid()",
  holds: (_, row, caller) => caller !== null && row.owner?.toLowerCase() === caller,
};
const FLAG: Condition = { sql: () => "flag", holds: (_, row) => row.flag };

const atom = fc.oneof(
  fc.constantFrom(OWN, FLAG),
  fc.constantFrom<Table>("alpha", "beta").map(teamOfCaller),
  fc.tuple(fc.constantFrom<Table>("alpha", "beta"), fc.boolean()).map(([inner, flag]) =>
    existsFor(inner, flag)
  ),
);
const condition: fc.Arbitrary<Condition> = fc.tuple(atom, fc.option(fc.tuple(fc.boolean(), atom))).map(
  ([first, more]) => {
    if (more === null) return first;
    const [both, second] = more;
    return {
      sql: (table) => `(${first.sql(table)}) ${both ? "and" : "or"} (${second.sql(table)})`,
      holds: (world, row, caller) => {
        const [one, other] = [first.holds(world, row, caller), second.holds(world, row, caller)];
        return both ? one && other : one || other;
      },
    };
  },
);

interface MadePolicy {
  table: Table;
  command: "all" | "select" | "insert" | "update" | "delete";
  to: "public" | "authenticated";
  restrictive: boolean;
  condition: Condition;
}

const policy: fc.Arbitrary<MadePolicy> = fc.record({
  table: fc.constantFrom<Table>("alpha", "beta"),
  command: fc.constantFrom("all", "select", "insert", "update", "delete"),
  to: fc.constantFrom("public", "authenticated"),
  restrictive: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
  condition,
});
/** A policy of `alpha` that reads are judged by, with something in it to mend. */
function broken(what: fc.Arbitrary<Condition>): fc.Arbitrary<MadePolicy> {
  return fc.record({
    table: fc.constant<Table>("alpha"),
    command: fc.constantFrom("all", "select"),
    to: fc.constantFrom("public", "authenticated"),
    restrictive: fc.constant(false),
    condition: what,
  });
}

/** For each repair, what it mends. */
const BROKEN = {
  break_recursion: broken(
    fc.oneof(fc.constant(teamOfCaller("alpha")), fc.boolean().map((flag) => existsFor("alpha", flag))),
  ),
  evaluate_once: broken(fc.constant(OWN)),
  compare_as_text: broken(fc.constant(CASTING)),
};

const row = fc.record({
  team: fc.integer({ min: 1, max: 3 }),
  who: fc.constantFrom(ALICE, BOB, null),
  owner: fc.constantFrom(ALICE, ALICE, BOB, BOB.toUpperCase(), "nobody", null),
  flag: fc.boolean(),
});
const rows = fc.array(row, { maxLength: 6 }).map((all) => all.map((one, id): Row => ({ id, ...one })));
const CALLERS: [role: "authenticated" | "anon", caller: string | null][] = [
  ["authenticated", ALICE],
  ["authenticated", BOB],
  ["authenticated", EVE],
  ["authenticated", null],
  ["anon", null],
];

/** What the policies of a table say about a row for a command. */
function allows(
  policies: readonly MadePolicy[],
  world: World,
  table: Table,
  command: MadePolicy["command"],
  [role, caller]: typeof CALLERS[number],
  one: Row,
): boolean {
  const held = policies.filter((made) =>
    made.table === table && (made.command === "all" || made.command === command) &&
    (made.to === "public" || made.to === role)
  );
  const holds = (made: MadePolicy) => made.condition.holds(world, one, caller);
  return held.some((made) => !made.restrictive && holds(made)) &&
    held.every((made) => !made.restrictive || holds(made));
}

async function build(tx: DirectTransaction, world: World, policies: readonly MadePolicy[]): Promise<void> {
  for (const table of ["alpha", "beta"] as const) {
    await tx.query(`create table ${table} (id int, team int, who uuid, owner text, flag boolean)`);
    await tx.query(`alter table ${table} enable row level security`);
    await tx.query(`grant select, insert, update, delete on ${table} to anon, authenticated`);
    await tx.query(`insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1)`, [
      JSON.stringify(world[table]),
    ]);
  }
  for (const [index, { table, command, to, restrictive, condition }] of policies.entries()) {
    const text = `(${condition.sql(table)})`;
    const clauses = command === "insert" ? `with check ${text}` : `using ${text}`;
    await tx.query(
      `create policy p${index} on ${table} as ${
        restrictive ? "restrictive" : "permissive"
      } for ${command} to ${to} ${clauses}`,
    );
  }
}

/** Runs a statement as a caller, and takes it back; the ids that it gave, or the error's code. */
async function attempt(
  tx: DirectTransaction,
  [role, caller]: typeof CALLERS[number],
  statement: string,
): Promise<number[] | string> {
  await tx.query("savepoint attempt");
  try {
    await tx.query("select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)", [
      role,
      JSON.stringify(caller === null ? { role } : { role, sub: caller }),
    ]);
    return (await tx.query<{ id: number }>(statement)).map(({ id }) => id).sort();
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    await tx.query("rollback to savepoint attempt");
  }
}

async function readings(tx: DirectTransaction): Promise<(number[] | string)[]> {
  const all: (number[] | string)[] = [];
  for (const table of ["alpha", "beta"]) {
    for (const caller of CALLERS) all.push(await attempt(tx, caller, `select id from ${table}`));
  }
  return all;
}

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
      await assertAsyncProperty(property, { runs: 25 });
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
    await assertAsyncProperty(property, { runs: 8 });
  } finally {
    await connection.close();
  }
  const never = OTHERS.map((draft) => JSON.stringify(draft)).filter((draft) => !applied.has(draft));
  assert.deepEqual(never, [], "each of them was applied in some world");
});
