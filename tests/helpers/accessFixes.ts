/** Fixes of what a database lets whom see and do: applied as the healer does, and looked at as each caller. @module */

import assert from "node:assert/strict";
import { dumpSchema } from "../../scripts/lib/schemaDump.ts";
import type { Json } from "../../supabase/functions/_shared/core/ports.ts";
import { kindOf, parseFixAction } from "../../supabase/functions/_shared/fixActions.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { catalogueRows } from "./catalogueRows.ts";
import type { ApiRole, TestDatabase } from "./database.ts";

/** Two people, and somebody whom nobody knows. */
export const ALICE = "11111111-1111-4111-8111-111111111111";
/** Another person. */
export const BOB = "22222222-2222-4222-8222-222222222222";
/** Somebody whom no table knows. */
export const EVE = "33333333-3333-4333-8333-333333333333";

/** What became of a fix. */
export type FixOutcome =
  | { kind: "applied"; measured: string; rollbackPoint: Json }
  | { kind: "refused"; reason: string };

/** Applies a fix in one transaction, as the healer does: precondition, snapshot, apply, probe. */
export async function applyFix(
  { url }: { url: string },
  draft: object,
  { rollback = false } = {},
): Promise<FixOutcome> {
  const action = parseFixAction(draft);
  const kind = kindOf(action);
  const connection = await openDirectConnection(url);
  try {
    return await connection.transaction(async (sql): Promise<FixOutcome> => {
      const precondition = await kind.precondition({ sql }, action);
      if (precondition.kind !== "go") return { kind: "refused", reason: precondition.reason };
      const rollbackPoint = await kind.snapshot({ sql }, action);
      await kind.apply({ sql }, action);
      const probe = await kind.probe({ sql }, action);
      if (!probe.ok) throw new Error(probe.measured);
      return { kind: "applied", measured: probe.measured, rollbackPoint };
    }, { rollback });
  } catch (error) {
    return { kind: "refused", reason: (error as Error).message };
  } finally {
    await connection.close();
  }
}

/** Takes a fix back. */
export async function revertFix({ url }: { url: string }, draft: object, rollbackPoint: Json): Promise<void> {
  const action = parseFixAction(draft);
  const connection = await openDirectConnection(url);
  try {
    await connection.transaction((sql) => kindOf(action).revert({ sql }, action, rollbackPoint));
  } finally {
    await connection.close();
  }
}

/** The schema as text. */
export async function schemaOf(database: TestDatabase): Promise<string> {
  return await dumpSchema(await catalogueRows(database));
}

/** Applies a fix, runs `look` on it, takes it back, and demands that the schema is then as it was, byte by byte. */
export async function healAndRevert(
  database: TestDatabase,
  draft: object,
  look: (measured: string) => Promise<void>,
): Promise<void> {
  const before = await schemaOf(database);
  const outcome = await applyFix(database, draft);
  assert.equal(outcome.kind, "applied", outcome.kind === "refused" ? outcome.reason : "");
  if (outcome.kind !== "applied") return;
  await look(outcome.measured);
  await revertFix(database, draft, outcome.rollbackPoint);
  assert.equal(await schemaOf(database), before);
}

/** Demands that a fix is refused with these words, and that nothing of it stays. */
export async function assertRefused(database: TestDatabase, draft: object, reason: RegExp): Promise<void> {
  const before = await database.query(TRACES);
  const outcome = await applyFix(database, draft);
  assert.equal(outcome.kind, "refused");
  if (outcome.kind === "refused") assert.match(outcome.reason, reason);
  assert.deepEqual(await database.query(TRACES), before);
}

/** What a fix could leave behind: policies, functions, rights, relations, schemas and buckets. */
const TRACES = `
  select md5(string_agg(line, ',' order by line)) as traces from (
    select concat_ws(' ', oid, polname, polroles, polqual, polwithcheck) as line from pg_policy
    union all select concat_ws(' ', oid, proname, proacl, proconfig, prosrc) from pg_proc
    union all select concat_ws(' ', oid, relname, relacl, reloptions, relrowsecurity, relforcerowsecurity) from pg_class
      where relname !~ '^(pg_|healing_events)'
    union all select concat_ws(' ', nspname, nspacl) from pg_namespace where nspname !~ '^pg_(toast_)?temp'
    union all select concat_ws(' ', id, public) from storage.buckets
  ) as all_lines`;

/** The rows of a query as somebody of the API sees them, as JSON; the error's code when it fails. */
export async function seenBy(
  database: TestDatabase,
  who: string | null,
  query: string,
  role: ApiRole = who === null ? "anon" : "authenticated",
): Promise<unknown> {
  try {
    return await database.asRole(role, who === null ? {} : { sub: who }, async (session) => {
      const [row] = await session.query<{ rows: unknown }>(
        `with result as (${query}) select coalesce(jsonb_agg(to_jsonb(result) order by to_jsonb(result)::text), '[]') as rows from result`,
      );
      return row!.rows;
    });
  } catch (error) {
    return (error as { code?: string }).code;
  }
}
