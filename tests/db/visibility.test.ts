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
/** One that leads back to its table, so that there is something to mend. */
const recursive: fc.Arbitrary<MadePolicy> = fc.record({
  table: fc.constant<Table>("alpha"),
  command: fc.constantFrom("all", "select"),
  to: fc.constantFrom("public", "authenticated"),
  restrictive: fc.constant(false),
  condition: fc.oneof(
    fc.constant(teamOfCaller("alpha")),
    fc.boolean().map((flag) => existsFor("alpha", flag)),
  ),
});

const row = fc.record({
  team: fc.integer({ min: 1, max: 3 }),
  who: fc.constantFrom(ALICE, BOB, null),
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
    await tx.query(`create table ${table} (id int, team int, who uuid, flag boolean)`);
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
      if (table === "alpha") assert.notEqual(read, "42P17");
      check("select", read);
      check("update", await attempt(tx, caller, `update ${table} set flag = flag returning id`));
      check("delete", await attempt(tx, caller, `delete from ${table} returning id`));
      for (const who of [ALICE, EVE]) {
        const one: Row = { id: 99, team: 1, who, flag: true };
        const inserted = await attempt(tx, caller, `insert into ${table} values (99, 1, '${who}', true)`);
        if (typeof inserted !== "string") {
          assert.ok(may("insert", one), `insert into ${table} as ${caller.join(" ")}`);
        }
      }
    }
  }
}

const POLICIES =
  "select tablename, policyname, roles::text, qual, with_check from pg_policies where schemaname = 'public' order by 1, 2";

Deno.test("replace_policy lets nobody see or write more, whatever the policies, and takes itself back", async () => {
  await using database = await createTestDatabase();
  const connection = await openDirectConnection(database.url);
  const action = parseFixAction({ kind: "replace_policy", repair: "break_recursion", table: "public.alpha" });
  const kind = kindOf(action);
  let applied = 0;
  let refused = 0;
  const property = fc.asyncProperty(
    rows,
    rows,
    recursive,
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
    await assertAsyncProperty(property, { runs: 30 });
  } finally {
    await connection.close();
  }
  assert.ok(applied > 5, `only ${applied} of ${applied + refused} worlds were mended`);
});
