/** `resync_sequence`: moves a sequence past the highest number in its column; never backwards. @module */

import type { SqlPort } from "../core/ports.ts";
import { quoted } from "../core/sqlNames.ts";
import { z } from "../core/validation.ts";
import { type FixActionKind, GO, refused, sqlOf } from "./kind.ts";

const schema = z.strictObject({
  kind: z.literal("resync_sequence"),
  /** The primary key or unique constraint that a number out of the sequence violated. */
  constraint: z.string().min(1).max(63),
});

/** Parameters of `resync_sequence`. */
export type ResyncSequence = z.infer<typeof schema>;

/** A sequence behind a constraint of one column, outside of the schemas of the platform and of this system. */
const SEQUENCES = `
  select s.seqrelid::regclass::text as sequence, format('%I.%I', n.nspname, t.relname) as relation, a.attname::text as column,
    s.seqincrement > 0 and not s.seqcycle as counts_up, s.seqmax::text as most
  from pg_catalog.pg_constraint c
  join pg_catalog.pg_class t on t.oid = c.conrelid
  join pg_catalog.pg_namespace n on n.oid = t.relnamespace
  join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
  join pg_catalog.pg_sequence s on s.seqrelid = pg_catalog.pg_get_serial_sequence(format('%I.%I', n.nspname, t.relname), a.attname)::regclass
  where c.conname = $1 and c.contype in ('p', 'u') and cardinality(c.conkey) = 1
    and n.nspname !~ '^(pg_|supabase_|healing_)' and n.nspname not in ('auth', 'storage', 'realtime', 'vault', 'net', 'cron', 'extensions')`;

interface Sequence {
  sequence: string;
  relation: string;
  column: string;
  counts_up: boolean;
  most: string;
}

/** From this share of its range on, the highest number is an outlier that would use the sequence up. */
const OUTLIER_SHARE = 0.5;

/** The kind `resync_sequence`. */
export const resyncSequence: FixActionKind<ResyncSequence> = {
  kind: "resync_sequence",
  group: "database",
  needs: "sql",
  schema,
  risk: () => "low",
  target: (action) => `sequence:${action.constraint}`,
  describe: (action) => `move the sequence behind ${action.constraint} past the highest number in its column`,
  async precondition(context, action) {
    const found = await sequencesOf(sqlOf(context), action);
    const [sequence] = found;
    if (sequence === undefined) return refused(`no sequence feeds the column of ${action.constraint}`);
    if (found.length > 1) return refused(`several tables have a constraint ${action.constraint}`);
    if (!sequence.counts_up) return refused(`sequence ${sequence.sequence} counts down or around`);
    const { last, highest } = await positionOf(sqlOf(context), sequence);
    if (highest <= last) {
      return refused(`sequence ${sequence.sequence} is not behind: the number was sent by the caller`);
    }
    return Number(highest) > Number(sequence.most) * OUTLIER_SHARE
      ? refused(`the highest number ${highest} is an outlier that would use up ${sequence.sequence}`)
      : GO;
  },
  async snapshot(context, action) {
    const [sequence] = await sequencesOf(sqlOf(context), action);
    const { raw, called } = await positionOf(sqlOf(context), sequence!);
    return { sequence: sequence!.sequence, last: raw, called };
  },
  async apply(context, action) {
    const sql = sqlOf(context);
    const [sequence] = await sequencesOf(sql, action);
    if (sequence === undefined) throw new Error(`no sequence feeds the column of ${action.constraint}`);
    // Nobody draws a number between the look and the move.
    await sql.query(`lock table ${sequence.relation} in share row exclusive mode`);
    const { last, highest } = await positionOf(sql, sequence);
    const position = highest > last ? highest : last;
    await restart(sql, sequence.sequence, position + 1n);
  },
  async probe(context, action) {
    const [sequence] = await sequencesOf(sqlOf(context), action);
    const { last, highest } = await positionOf(sqlOf(context), sequence!);
    return {
      ok: last >= highest,
      measured: `the sequence stands at ${last}, the highest number is ${highest}`,
    };
  },
  async revert(context, action, rollbackPoint) {
    const { sequence, last, called } = rollbackPoint as { sequence: string; last: string; called: boolean };
    const sql = sqlOf(context);
    const [column] = await sql.query<Sequence>(`${SEQUENCES} and s.seqrelid = $2::regclass`, [
      action.constraint,
      sequence,
    ]);
    if (column === undefined) return;
    const now = await positionOf(sql, column);
    // Numbers that were drawn since are in use; going behind them would bring the fault back.
    if (now.last !== now.highest) return;
    await restart(sql, column.sequence, called ? BigInt(last) + 1n : BigInt(last));
  },
};

/** `setval` outlives a rollback, and a dry run must not; this is taken back with its transaction. */
async function restart(sql: SqlPort, sequence: string, next: bigint): Promise<void> {
  await sql.query(`alter sequence ${sequence} restart with ${next}`);
}

function sequencesOf(sql: SqlPort, { constraint }: ResyncSequence): Promise<Sequence[]> {
  return sql.query<Sequence>(SEQUENCES, [constraint]);
}

/** Where the sequence stands, and the highest number in its column. */
async function positionOf(
  sql: SqlPort,
  { sequence, relation, column }: Sequence,
): Promise<{ raw: string; last: bigint; highest: bigint; called: boolean }> {
  const [row] = await sql.query<{ last: string; called: boolean; highest: string | null }>(
    `select last_value::text as last, is_called as called,
       (select max(${quoted(column)})::text from ${relation}) as highest from ${sequence}`,
  );
  const last = BigInt(row!.last);
  return {
    raw: row!.last,
    last: row!.called ? last : last - 1n,
    highest: BigInt(row!.highest ?? "0"),
    called: row!.called,
  };
}
