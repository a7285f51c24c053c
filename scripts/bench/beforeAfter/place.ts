/** Where before and after are measured: a stack with tables that a function writes, and the plain way to write them. @module */

import type { Row } from "../../../supabase/functions/_shared/resilientDbWrapper.ts";
import {
  createServerClient,
  type SupabaseClient,
} from "../../../supabase/functions/_shared/supabaseClient.ts";
import { runSql } from "../../lib/scratchServer.ts";
import { openWritingPlace, type WritingPlace } from "../contests/writes.ts";

/** `rest_insert` is what the REST interface makes of `supabase.from(…).insert(rows)`: one statement for all keys. */
const SCHEMA = `
  create table notes (id bigint generated always as identity primary key, role text not null, content text not null,
    tokens int check (tokens >= 0), due_at timestamptz);
  create table app_logs (id bigint generated always as identity primary key, message text not null);
  create table tickets (id bigint generated always as identity primary key, synopsis text not null, tokens int);
  create table letters (id bigint generated always as identity primary key, "userName" text not null, content text not null);
  grant select, insert on notes, app_logs, tickets, letters to service_role;
  create function rest_insert(p_table text, p_rows jsonb) returns integer language plpgsql set search_path = '' as $$
    declare
      v_rows integer;
      v_columns text := (select string_agg(distinct pg_catalog.quote_ident(key), ', ')
        from pg_catalog.jsonb_array_elements(p_rows) as sent, pg_catalog.jsonb_object_keys(sent) as key);
    begin
      execute pg_catalog.format('insert into public.%1$I (%2$s) select %2$s from pg_catalog.jsonb_populate_recordset(null::public.%1$I, $1)',
        p_table, v_columns) using p_rows;
      get diagnostics v_rows = row_count;
      return v_rows;
    end $$;
  grant execute on function rest_insert to service_role;`;

/** Starts it. */
export function openPlace(): Promise<WritingPlace> {
  return openWritingPlace(SCHEMA);
}

/** Inserts as plain code does; rejects when the database refuses, and then nothing is written. */
export async function plainInsert(
  client: SupabaseClient,
  table: string,
  rows: readonly Row[],
): Promise<void> {
  await client.rpc("rest_insert", { p_table: table, p_rows: rows }).throwOnError();
}

/** True when the plain insert was taken. */
export function isTaken(client: SupabaseClient, table: string, rows: readonly Row[]): Promise<boolean> {
  return plainInsert(client, table, rows).then(() => true, () => false);
}

/** How many rows there are; `from` is what stands behind that word. */
export async function countOf({ stack }: WritingPlace, from: string): Promise<number> {
  const [row] = await runSql<{ count: number }>(stack.dbUrl, `select count(*)::int as count from ${from}`);
  return row!.count;
}

/** A client with the secret key that goes another way, and counts its requests. */
export function countingClient(
  { stack }: WritingPlace,
  url = stack.url,
): { client: SupabaseClient; requests: () => number } {
  let requests = 0;
  const client = createServerClient(url, stack.keys.secret, (input, init) => {
    requests++;
    return fetch(input, init);
  });
  return { client, requests: () => requests };
}
