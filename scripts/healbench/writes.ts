/** Judges a healed write by what it stored. @module */

import type { Client } from "../../supabase/functions/_shared/postgres.ts";
import type { Step } from "./cases.ts";
import type { Observation } from "./observe.ts";
import { canonical } from "./steps.ts";

/** What was seen of a write, and of the row's own verification. */
export interface SeenWrite {
  before: Observation;
  after: Observation;
  reference: Observation;
}

/** What was written. */
export interface SentWrite {
  sent: readonly Record<string, unknown>[];
  /** Columns whose values the database draws anew for each attempt. */
  drawn: readonly string[];
}

/** The rows of a step that writes; none for one that is SQL, whose rows nobody has read. */
export function rowsOf({ payload, insert }: Step): Record<string, unknown>[] {
  if (insert === undefined) return [];
  return (Array.isArray(payload) ? payload : [payload ?? {}]) as Record<string, unknown>[];
}

/**
 * The columns that no row names and whose values are drawn: numbers of a sequence, random keys, the time. A write that
 * was tried twice draws twice, so these differ from those of the verification, and that says nothing.
 */
export async function drawnColumns(
  superuser: Client,
  table: string,
  sent: readonly Record<string, unknown>[],
): Promise<string[]> {
  if (sent.length === 0) return [];
  const { rows } = await superuser.query<{ name: string }>(
    `select a.attname::text as name from pg_catalog.pg_attribute a
     left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped and (a.attidentity <> ''
       or pg_catalog.pg_get_expr(d.adbin, d.adrelid) ~* '(nextval|random|uuid_generate_v|now|_timestamp|timeofday)\\M')`,
    [table],
  );
  return rows.map(({ name }) => name).filter((name) => !sent.some((row) => Object.hasOwn(row, name)));
}

/** A healed write is right when it stored no more rows than were sent, each of them one that the verification stores. */
export function compareWrites(
  table: string,
  { before, after, reference }: SeenWrite,
  { sent, drawn }: SentWrite,
): { ok: boolean; measured: string } {
  const name = table.includes(".") ? table : `public.${table}`;
  const read = (row: string) =>
    canonical(
      Object.fromEntries(
        Object.entries(JSON.parse(row) as Record<string, unknown>).filter(([column]) =>
          !drawn.includes(column)
        ),
      ),
    );
  const old = new Set(before.rows.get(name) ?? []);
  const wanted = new Set((reference.rows.get(name) ?? []).map(read));
  const stored = (after.rows.get(name) ?? []).filter((row) => !old.has(row));
  const strange = stored.find((row) => !wanted.has(read(row)));
  if (stored.length === 0) return { ok: false, measured: "the write stored nothing" };
  if (sent.length > 0 && stored.length > sent.length) {
    return { ok: false, measured: `the write stored ${stored.length} rows, and ${sent.length} were sent` };
  }
  return strange === undefined
    ? { ok: true, measured: "the write stored what its verification stores" }
    : { ok: false, measured: `the write stored ${strange.slice(0, 160)}, which its verification does not` };
}
