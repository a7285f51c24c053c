/** Calls a function of `public` by argument names, as PostgREST does, and returns its result as JSON. @module */

import type { Session } from "./testDatabase.ts";

/** Arguments by name. */
export type Arguments = Record<string, unknown>;

interface Signature {
  types: Record<string, string>;
  returnsSet: boolean;
}

/** The result as JSON: a set is an array, void is null. */
export async function callSql<T>(session: Session, name: string, args: Arguments): Promise<T> {
  const { types, returnsSet } = await readSignature(session, name);
  const names = Object.keys(args);
  const list = names.map((argument, index) => `"${argument}" => $${index + 1}::${types[argument] ?? "text"}`);
  const call = `public."${name}"(${list.join(", ")})`;
  const values = names.map((argument) => encode(args[argument], types[argument] ?? "text"));
  const sql = returnsSet
    ? `select coalesce(jsonb_agg(to_jsonb(item)), '[]') as result from ${call} as item`
    : `select to_jsonb(${call}) as result`;
  const [row] = await session.query<{ result: T | "" }>(sql, values);
  // A void result comes back as an empty text.
  return (row!.result === "" ? null : row!.result) as T;
}

async function readSignature(session: Session, name: string): Promise<Signature> {
  const rows = await session.query<{ types: Record<string, string> | null; returns_set: boolean }>(
    `select p.proretset as returns_set,
            (select jsonb_object_agg(p.proargnames[place], format_type(type, null))
             from unnest(p.proargtypes::oid[]) with ordinality as a (type, place)) as types
     from pg_catalog.pg_proc as p
     where p.pronamespace = 'public'::regnamespace and p.proname = $1`,
    [name],
  );
  if (rows.length !== 1) {
    throw new Error(`There are ${rows.length} functions named public.${name}, expected one.`);
  }
  return { types: rows[0]!.types ?? {}, returnsSet: rows[0]!.returns_set };
}

/** JSON needs its text form, because pg writes an array as a Postgres array. */
function encode(value: unknown, type: string): unknown {
  return type.startsWith("json") && value !== null && value !== undefined ? JSON.stringify(value) : value;
}
