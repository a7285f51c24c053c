/** Sign-up triggers that will fail: a required column without a value, or a path that finds nothing. @module */

import type { SqlPort } from "../../core/ports.ts";
import type { SqlNode } from "../../core/sqlSyntax.ts";
import { insertsOf, type SignUpRoutine } from "../check/signUp.ts";
import { listOf, relationOf } from "../nodes.ts";
import { type AdviceRule, detail, type Found } from "./rule.ts";

const REQUIRED = `
  select pg_catalog.array_agg(a.attname::text order by a.attnum) as columns
  from pg_catalog.pg_attribute as a join pg_catalog.pg_class as c on c.oid = a.attrelid join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where n.nspname = $1 and c.relname = $2 and a.attnum > 0 and not a.attisdropped and a.attnotnull and not a.atthasdef
    and a.attidentity = '' and a.attgenerated = ''`;

async function failing(found: readonly Found[], db: SqlPort): Promise<Found[]> {
  const kept: Found[] = [];
  for (const one of found) {
    const problem = await problemOf(one.details as unknown as SignUpRoutine, db);
    if (problem !== null) {
      kept.push({ ...one, details: { ...one.details, problem: problem.words, names: problem.isAboutNames } });
    }
  }
  return kept;
}

async function problemOf(
  routine: SignUpRoutine,
  db: SqlPort,
): Promise<{ words: string; isAboutNames: boolean } | null> {
  for (const { node } of await insertsOf(routine)) {
    const relation = node.relation as SqlNode;
    const table = relationOf(relation);
    const hasPath = (routine.settings ?? []).some((setting) => setting.startsWith("search_path="));
    if (relation.schemaname === undefined && !hasPath) {
      return {
        words:
          `names ${table.name} without its schema and has no path of its own, and the service that signs people up looks in auth only`,
        isAboutNames: true,
      };
    }
    const columns = listOf(node.cols).map(({ ResTarget }) => String((ResTarget as SqlNode)?.name));
    const [row] = await db.query<{ columns: string[] | null }>(REQUIRED, [table.schema, table.name]);
    const left = columns.length === 0
      ? []
      : (row?.columns ?? []).filter((column) => !columns.includes(column));
    if (left.length > 0) {
      return {
        words: `inserts into ${table.name} without ${
          left.join(", ")
        }, which must not be null and has no default`,
        isAboutNames: false,
      };
    }
  }
  return null;
}

/** The rule. */
export const signUpFails: AdviceRule = {
  code: "sign_up_trigger_fails",
  severity: "high",
  sql:
    `select distinct on (f.oid) pg_catalog.format('function %I.%I()', n.nspname, f.proname) as object, pg_catalog.jsonb_build_object(
      'name', pg_catalog.format('%I.%I', n.nspname, f.proname), 'definition', pg_catalog.pg_get_functiondef(f.oid), 'settings', f.proconfig) as details
    from pg_catalog.pg_trigger as t join pg_catalog.pg_proc as f on f.oid = t.tgfoid join pg_catalog.pg_namespace as n on n.oid = f.pronamespace
    where t.tgrelid = pg_catalog.to_regclass('auth.users') and not t.tgisinternal and t.tgenabled <> 'D' and t.tgtype & 4 > 0`,
  judge: failing,
  hasNoProbe: true,
  say: (found) => ({
    message: `${found.object} runs when somebody signs up; it ${
      detail(found, "problem")
    }: every sign-up fails with "Database error saving new user"`,
    advice: detail(found, "names") === "true"
      ? "write the names in full and empty its path"
      : "give the column a default, let it be null, or let the function fill it",
    ...(detail(found, "names") === "true" ? { fix: { kind: "repair_signup_trigger", said: null } } : {}),
  }),
};
