/** Whether something writes the profile of a new person. @module */

import type { SqlPort } from "../../core/ports.ts";
import type { Answer } from "../check.ts";
import type { Need } from "../need.ts";
import { keyOf, relationOf } from "../nodes.ts";
import { readMigrationFiles, type ReadStatement } from "../scripts.ts";

/** A function that runs when somebody signs up. */
export interface SignUpRoutine {
  name: string;
  definition: string;
  settings: string[] | null;
}

const ROUTINES = `
  select distinct on (f.oid) pg_catalog.format('%I.%I', n.nspname, f.proname) as name, pg_catalog.pg_get_functiondef(f.oid) as definition,
    f.proconfig as settings
  from pg_catalog.pg_trigger as t join pg_catalog.pg_proc as f on f.oid = t.tgfoid
  join pg_catalog.pg_namespace as n on n.oid = f.pronamespace
  where t.tgrelid = pg_catalog.to_regclass('auth.users') and not t.tgisinternal and t.tgenabled <> 'D' and t.tgtype & 4 > 0`;

/** The functions behind triggers on insert into the table of users. */
export async function signUpRoutines(db: SqlPort): Promise<SignUpRoutine[]> {
  return await db.query<SignUpRoutine>(ROUTINES);
}

/** The rows that such a function inserts, as its body says. */
export async function insertsOf({ name, definition }: SignUpRoutine): Promise<ReadStatement[]> {
  const { statements } = await readMigrationFiles([{ name, sql: definition }]);
  return statements.filter(({ kind, isDeferred }) => kind === "InsertStmt" && isDeferred);
}

/** Says of each profile table whether a trigger fills it. */
export async function checkSignUp(db: SqlPort, needs: readonly Need[]): Promise<Answer[]> {
  const filledBy = new Map<string, string>();
  for (const routine of await signUpRoutines(db)) {
    for (const { node } of await insertsOf(routine)) {
      filledBy.set(keyOf(relationOf(node.relation)), routine.name);
    }
  }
  return needs.map(({ subject }) => {
    const routine = subject.kind === "sign_up_trigger" ? filledBy.get(keyOf(subject)) : undefined;
    return routine === undefined
      ? { there: false, evidence: "no trigger on auth.users inserts into it" }
      : { there: true, evidence: `${routine} inserts into it when somebody signs up` };
  });
}
