/** How a fix works as another role, and where no fix works at all. @module */

import type { SqlPort } from "../core/ports.ts";

/** Schemas of the platform and of this system: nothing in them is changed. */
export const PLATFORM_SCHEMA =
  /^(pg_|supabase_|healing_|graphql|_)|^(auth|storage|realtime|vault|net|cron|extensions|pgbouncer|pgsodium|pgmq|information_schema)$/;

/** Works with an empty search_path, so that the server prints every name in full. */
export async function withEmptyPath<Result>(sql: SqlPort, work: () => Promise<Result>): Promise<Result> {
  const [before] = await sql.query<{ path: string }>(
    "select pg_catalog.current_setting('search_path') as path",
  );
  await sql.query("select pg_catalog.set_config('search_path', '', true)");
  const result = await work();
  await sql.query("select pg_catalog.set_config('search_path', $1, true)", [before!.path]);
  return result;
}

/** Works as another role, with other claims where they are given. An error ends the transaction anyway. */
export async function asRole<Result>(
  sql: SqlPort,
  role: string,
  work: () => Promise<Result>,
  claims?: string,
): Promise<Result> {
  await sql.query(
    "select pg_catalog.set_config('role', $1, true), pg_catalog.set_config('request.jwt.claims', $2, true)",
    [role, claims ?? ""],
  );
  const result = await work();
  await sql.query(
    "select pg_catalog.set_config('role', 'none', true), pg_catalog.set_config('request.jwt.claims', '', true)",
  );
  return result;
}
