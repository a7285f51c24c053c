/** What `reload_schema_cache` does. @module */

import type { SqlPort } from "../../core/ports.ts";
import { GO, refused, sqlOf } from "../kind.ts";
import type { FixSteps } from "../lazily.ts";
import { type ReloadSchemaCache, wordsOf } from "../reloadSchemaCache.ts";

const LOOKS: Readonly<Record<ReloadSchemaCache["missing"], string>> = {
  table: `select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relname = $1 and n.nspname = coalesce($2, n.nspname)
      and n.nspname !~ '^(pg_|information_schema$)' and $3::text is null and cardinality($4::text[]) >= 0`,
  column: `select from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relname = $1 and n.nspname = coalesce($2, n.nspname) and n.nspname !~ '^(pg_|information_schema$)'
      and a.attname = $3 and a.attnum > 0 and not a.attisdropped and cardinality($4::text[]) >= 0`,
  relationship: `select from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid
    join pg_catalog.pg_class o on o.oid = k.confrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where k.contype = 'f' and n.nspname = coalesce($2, n.nspname) and cardinality($4::text[]) >= 0
      and ((c.relname = $1 and o.relname = $3) or (c.relname = $3 and o.relname = $1))`,
  // Every argument given is one of the function's, and each that has no default is given.
  function: `select from pg_catalog.pg_proc f join pg_catalog.pg_namespace n on n.oid = f.pronamespace
    where f.proname = $1 and n.nspname = coalesce($2, n.nspname) and $3::text is null
      and $4::text[] <@ coalesce(f.proargnames[1:f.pronargs], '{}')
      and coalesce(f.proargnames[1:f.pronargs - f.pronargdefaults], '{}') <@ $4::text[]`,
};

/** What the kind does. */
export const reloadSchemaCacheSteps: FixSteps<ReloadSchemaCache> = {
  async precondition(context, action) {
    if (await isThere(sqlOf(context), action)) return GO;
    return refused(
      `${wordsOf(action)} is not in the catalogue either: reading the schema again would not help`,
    );
  },
  snapshot: () => Promise.resolve({ nothingToTakeBack: true }),
  async apply(context) {
    await sqlOf(context).query("select pg_catalog.pg_notify('pgrst', 'reload schema')");
  },
  async probe(context, action) {
    const sql = sqlOf(context);
    const ok = await isThere(sql, action);
    const [watch] = await sql.query<{ watched: boolean }>(
      "select exists (select from pg_catalog.pg_event_trigger where evtname like 'pgrst%' and evtenabled <> 'D') as watched",
    );
    return {
      ok,
      measured: `${wordsOf(action)} is in the catalogue, and the interface is told when this is committed` +
        (watch!.watched ? "" : "; no event trigger tells it of changes, so it will be out of date again"),
    };
  },
  // A copy that was read again is as new as it can be.
  revert: () => Promise.resolve(),
};

async function isThere(sql: SqlPort, action: ReloadSchemaCache): Promise<boolean> {
  const values = [action.name, action.schema, action.part, action.arguments];
  return (await sql.query(`select 1 where exists (${LOOKS[action.missing]})`, values)).length > 0;
}
