/** Worlds of two tables with policies at random, and what a row means to each caller, worked out from the rows themselves. @module */

import type { DirectTransaction } from "../../supabase/functions/_shared/postgres.ts";
import { ALICE, BOB, EVE } from "./accessFixes.ts";
import { fc } from "./property.ts";

/** A row of both tables. */
export interface Row {
  id: number;
  team: number;
  who: string | null;
  /** The same as a text, as careless tables keep it: in capitals, or no id at all. */
  owner: string | null;
  flag: boolean;
}
/** All rows. */
export type World = Record<Table, Row[]>;
/** The two tables. */
export type Table = "alpha" | "beta";

/** A condition in SQL, and what it means for a row, with the tables in it unfiltered. */
export interface Condition {
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

/** A policy as it is made. */
export interface MadePolicy {
  table: Table;
  command: "all" | "select" | "insert" | "update" | "delete";
  to: "public" | "authenticated";
  restrictive: boolean;
  condition: Condition;
}

/** Any policy. */
export const policy: fc.Arbitrary<MadePolicy> = fc.record({
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
export const BROKEN = {
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
/** Rows of one table. */
export const rows = fc.array(row, { maxLength: 6 }).map((all) => all.map((one, id): Row => ({ id, ...one })));
/** Two whom the tables know, one whom they do not, and two without a name. */
export const CALLERS: [role: "authenticated" | "anon", caller: string | null][] = [
  ["authenticated", ALICE],
  ["authenticated", BOB],
  ["authenticated", EVE],
  ["authenticated", null],
  ["anon", null],
];

/** What the policies of a table say about a row for a command. */
export function allows(
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

/** Makes tables, rows and policies. */
export async function build(
  tx: DirectTransaction,
  world: World,
  policies: readonly MadePolicy[],
): Promise<void> {
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
export async function attempt(
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

/** What each caller reads of both tables. */
export async function readings(tx: DirectTransaction): Promise<(number[] | string)[]> {
  const all: (number[] | string)[] = [];
  for (const table of ["alpha", "beta"]) {
    for (const caller of CALLERS) all.push(await attempt(tx, caller, `select id from ${table}`));
  }
  return all;
}
