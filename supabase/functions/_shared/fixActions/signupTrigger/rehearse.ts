/** Tries the trigger function of a sign-up on a stand-in for the table of users; nothing in schema `auth` is touched. @module */

import type { SqlPort } from "../../core/ports.ts";
import { asRole, withEmptyPath } from "../session.ts";

/** The function behind a trigger that runs when a user signs up. */
export interface SignupFunction {
  oid: string;
  identity: string;
  owner: string;
  schema: string;
  language: string;
  body: string;
  isDefiner: boolean;
  settings: string[] | null;
  definition: string;
  isBefore: boolean;
  mine: boolean;
}

/** The functions behind enabled triggers on insert into the table of users. */
export async function signupFunctions(sql: SqlPort): Promise<SignupFunction[]> {
  return await sql.query<SignupFunction>(
    `select distinct on (f.oid) f.oid::text as oid, pg_catalog.format('%I.%I()', n.nspname, f.proname) as identity,
       pg_catalog.pg_get_userbyid(f.proowner)::text as owner, n.nspname::text as schema, l.lanname::text as language,
       f.prosrc as body, f.prosecdef as "isDefiner", f.proconfig as settings, pg_catalog.pg_get_functiondef(f.oid) as definition,
       t.tgtype & 2 > 0 as "isBefore", pg_catalog.pg_has_role(current_user, f.proowner, 'MEMBER') as mine
     from pg_catalog.pg_trigger t join pg_catalog.pg_proc f on f.oid = t.tgfoid
     join pg_catalog.pg_namespace n on n.oid = f.pronamespace join pg_catalog.pg_language l on l.oid = f.prolang
     where t.tgrelid = pg_catalog.to_regclass('auth.users') and not t.tgisinternal and t.tgenabled <> 'D' and t.tgtype & 4 > 0
       and n.nspname !~ '^(pg_|supabase_|healing_)' and n.nspname not in ('auth', 'storage', 'realtime', 'vault', 'extensions')`,
  );
}

/** What stopped a rehearsal. */
export interface InnerError {
  code: string;
  message: string;
}

/** Code and message of what the database said. */
export function innerErrorOf(thrown: unknown): InnerError {
  const { code = "", message } = thrown as { code?: string; message: string };
  return { code, message };
}

const REHEARSED_ID = "5f0d7a3e-91c4-4b62-8e57-0c1d2e3f4a5c";

/** Signs a made-up person up with the function as it is now; null when it ran through. All of it is taken back. */
export async function rehearse(sql: SqlPort, one: SignupFunction): Promise<InnerError | null> {
  await sql.query("savepoint before_rehearsal");
  let error: InnerError | null = null;
  try {
    await sql.query("create temporary table healing_users (like auth.users including defaults)");
    await sql.query(
      `create trigger rehearsal ${one.isBefore ? "before" : "after"} insert on pg_temp.healing_users
       for each row execute function ${one.identity}`,
    );
    // The path under which the platform's own service writes.
    await sql.query("select pg_catalog.set_config('search_path', 'auth', true)");
    await sql.query(
      "insert into pg_temp.healing_users (id, email, raw_user_meta_data) values ($1, 'rehearsal@healing.invalid', '{}')",
      [REHEARSED_ID],
    );
  } catch (thrown) {
    error = innerErrorOf(thrown);
  }
  await sql.query("rollback to savepoint before_rehearsal");
  // Nobody of that id is in the table of users: whatever refers to it comes to its end here.
  const isOnlyMadeUp = error?.code === "23503" && error.message.includes("foreign key");
  return isOnlyMadeUp ? null : error;
}

/** Replaces the body of the function, under an empty path; all else of it stays. */
export async function replaceBody(sql: SqlPort, one: SignupFunction, body: string): Promise<void> {
  let tag = "healed";
  while (body.includes(`$${tag}$`)) tag += "_";
  await withEmptyPath(sql, () =>
    asRole(sql, one.owner, () =>
      sql.query(
        `create or replace function ${one.identity} returns trigger language plpgsql
         ${
          one.isDefiner ? "security definer" : "security invoker"
        } set search_path = '' as $${tag}$${body}$${tag}$`,
      )));
}
