/** `create_extension`: installs a missing extension into schema `extensions`. @module */

import type { Json, SqlPort } from "../core/ports.ts";
import { isRecord } from "../core/unknownValues.ts";
import { z } from "../core/validation.ts";
import { type FixActionKind, GO, refused, sqlOf } from "./kind.ts";

/**
 * Extensions that may be installed without a person: they only add types and functions. Whatever opens the network,
 * the file system or another database (dblink, postgres_fdw, http, plpython …) is not here and never installs itself.
 */
export const INSTALLABLE_EXTENSIONS = [
  "uuid-ossp",
  "pgcrypto",
  "pg_trgm",
  "citext",
  "unaccent",
  "fuzzystrmatch",
  "tablefunc",
  "hstore",
  "ltree",
  "intarray",
  "cube",
  "earthdistance",
  "btree_gin",
  "btree_gist",
  "isn",
  "moddatetime",
  "vector",
  "postgis",
] as const;

const schema = z.strictObject({
  kind: z.literal("create_extension"),
  /** The extension. */
  extension: z.enum(INSTALLABLE_EXTENSIONS),
  /** The function, type, operator class or access method whose absence was the error; the probe looks for it. */
  provides: z.string().min(1).max(63),
});

/** Parameters of `create_extension`. */
export type CreateExtension = z.infer<typeof schema>;

const WHERE_IS_IT = `
  select n.nspname as schema from pg_catalog.pg_proc as p
  join pg_catalog.pg_namespace as n on n.oid = p.pronamespace where p.proname = lower($1)
  union select n.nspname from pg_catalog.pg_type as t
  join pg_catalog.pg_namespace as n on n.oid = t.typnamespace where t.typname = lower($1)
  union select n.nspname from pg_catalog.pg_opclass as o
  join pg_catalog.pg_namespace as n on n.oid = o.opcnamespace where o.opcname = lower($1)`;

const STATE = `
  select exists (select from pg_catalog.pg_proc where proname = lower($1) and pg_catalog.pg_function_is_visible(oid))
    or exists (select from pg_catalog.pg_type where typname = lower($1) and pg_catalog.pg_type_is_visible(oid))
    or exists (select from pg_catalog.pg_opclass where opcname = lower($1) and pg_catalog.pg_opclass_is_visible(oid))
    or exists (select from pg_catalog.pg_am where amname = lower($1)) as reachable,
    exists (select from pg_catalog.pg_extension where extname = $2) as installed`;

/** The kind `create_extension`. */
export const createExtension: FixActionKind<CreateExtension> = {
  kind: "create_extension",
  group: "database",
  needs: "sql",
  schema,
  risk: () => "low",
  target: (action) => `extension:${action.extension}`,
  describe: (action) => `create extension if not exists "${action.extension}" with schema extensions`,
  toSql: (action) => [`create extension if not exists "${action.extension}" with schema extensions cascade`],
  async precondition(context, action) {
    const sql = sqlOf(context);
    const state = await stateOf(sql, action);
    if (state.installed && state.reachable) {
      return { kind: "alreadyDone", reason: `extension ${action.extension} has been installed meanwhile` };
    }
    const [present] = await sql.query<{ schema: string }>(WHERE_IS_IT, [action.provides]);
    // "create extension if not exists" does nothing then, and the call would still fail.
    if (present !== undefined) {
      return refused(
        `${action.provides} already exists in schema ${present.schema}; the caller has to name it`,
      );
    }
    if (state.installed) {
      return refused(`extension ${action.extension} is installed and does not provide ${action.provides}`);
    }
    const available = await sql.query("select from pg_catalog.pg_available_extensions where name = $1", [
      action.extension,
    ]);
    return available.length === 1
      ? GO
      : refused(`extension ${action.extension} is not available on this server`);
  },
  async snapshot(context) {
    return { extensions: await installedExtensions(sqlOf(context)) };
  },
  async apply(context, action) {
    await sqlOf(context).execute(
      "create extension if not exists %I with schema extensions cascade",
      action.extension,
    );
  },
  async state(context, action) {
    return { installed: (await stateOf(sqlOf(context), action)).installed };
  },
  async probe(context, action) {
    const { installed, reachable } = await stateOf(sqlOf(context), action);
    const ok = installed && reachable;
    return {
      ok,
      measured: `${action.provides} ${ok ? "is" : "is not"} reachable after installing ${action.extension}`,
    };
  },
  async revert(context, action, rollbackPoint) {
    const sql = sqlOf(context);
    const before = extensionsIn(rollbackPoint);
    // Restrict: what has come to depend on it stays, and the revert fails aloud. The extension goes before those that
    // it brought along, which it needs; one that was there before is nobody's to drop.
    await sql.execute("drop extension if exists %I restrict", action.extension);
    for (const name of broughtAlong(action.extension).filter((name) => !before.includes(name))) {
      await sql.execute("drop extension if exists %I restrict", name);
    }
  },
};

async function stateOf(
  sql: SqlPort,
  action: CreateExtension,
): Promise<{ installed: boolean; reachable: boolean }> {
  const [state] = await sql.query<{ installed: boolean; reachable: boolean }>(STATE, [
    action.provides,
    action.extension,
  ]);
  return state ?? { installed: false, reachable: false };
}

async function installedExtensions(sql: SqlPort): Promise<string[]> {
  const rows = await sql.query<{ name: string }>(
    "select extname as name from pg_catalog.pg_extension order by 1",
  );
  return rows.map((row) => row.name);
}

function extensionsIn(rollbackPoint: Json): string[] {
  return isRecord(rollbackPoint) && Array.isArray(rollbackPoint.extensions)
    ? rollbackPoint.extensions.map(String)
    : [];
}

/** What `cascade` installs besides. */
function broughtAlong(extension: string): string[] {
  return extension === "earthdistance" ? ["cube"] : [];
}
