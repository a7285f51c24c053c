/** What `drop_index` does. @module */

import { isRecord } from "../../core/unknownValues.ts";
import type { SqlPort } from "../../core/ports.ts";
import { quoted } from "../../core/sqlNames.ts";
import type { DropIndex } from "../dropIndex.ts";
import { GO, refused, sqlOf } from "../kind.ts";
import type { FixSteps } from "../lazily.ts";
import { PLATFORM_SCHEMA, requireLowLoad } from "./facts.ts";
import { endJobs, probeJob, requestJob, stateOfIndex } from "./jobs.ts";

interface Droppable {
  table: string;
  definition: string;
  is_ours: boolean;
  /** Why it stays, whoever asks; null when nothing stands against it. */
  keeps: string | null;
}

const INDEX = `
  select t.relname as table, healing_private.index_definition(i.indexrelid) as definition,
    pg_catalog.pg_has_role(c.relowner, 'USAGE') as is_ours,
    case when i.indisprimary or i.indisunique or i.indisexclusion then 'it keeps values apart'
      when exists (select from pg_catalog.pg_constraint k where k.conindid = i.indexrelid) then 'a constraint stands on it'
      when i.indisreplident then 'replication tells rows apart by it'
      when i.indisclustered then 'the table is ordered by it'
      when c.relkind <> 'i' or c.relispartition then 'it belongs to a partitioned table'
      when exists (select from pg_catalog.pg_depend d where d.objid = i.indexrelid and d.classid = 'pg_catalog.pg_class'::regclass and d.deptype in ('e', 'x'))
        then 'it belongs to an extension'
      -- A new one would not have these, and what is dropped has to come back as it was.
      when c.reltablespace <> 0 then 'it lies in a tablespace of its own'
      when pg_catalog.obj_description(i.indexrelid, 'pg_class') is not null then 'it has a comment, so somebody means it'
      when exists (select from pg_catalog.pg_attribute a where a.attrelid = i.indexrelid and coalesce(a.attstattarget, -1) >= 0) then 'its statistics are set by hand'
    end as keeps
  from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace join pg_catalog.pg_class t on t.oid = i.indrelid
  where n.nspname = $1 and c.relname = $2`;

/** The steps of `drop_index`. */
export const dropIndexSteps: FixSteps<DropIndex> = {
  async precondition(context, action) {
    const sql = sqlOf(context);
    if (PLATFORM_SCHEMA.test(action.schema)) {
      return refused(`schema ${action.schema} belongs to the platform`);
    }
    const index = await readIndex(sql, action);
    if (index === null) return { kind: "alreadyDone", reason: `there is no index ${action.index} any more` };
    if (index.keeps !== null) return refused(`${action.index} stays: ${index.keeps}`);
    if (!index.is_ours) return refused(`${action.index} belongs to another role`);
    await requireLowLoad(sql);
    return GO;
  },
  async snapshot(context, action) {
    const index = await readIndex(sqlOf(context), action);
    return { table: index!.table, definition: index!.definition };
  },
  async apply(context, action) {
    const sql = sqlOf(context);
    const index = await readIndex(sql, action);
    if (index === null || index.keeps !== null) {
      throw new Error(`${action.index} is not to be dropped any more`);
    }
    await requestJob(sql, {
      purpose: "drop",
      schema: action.schema,
      table: index.table,
      index: action.index,
      columns: null,
      command: `drop index concurrently if exists ${quoted(action.schema, action.index)}`,
    });
  },
  probe: (context, action) =>
    probeJob(sqlOf(context), { purpose: "drop", schema: action.schema, index: action.index }),
  async revert(context, action, rollbackPoint) {
    const sql = sqlOf(context);
    await endJobs(sql, action.schema, action.index, "the removal was taken back");
    if (await stateOfIndex(sql, action.schema, action.index) !== null) return;
    const { table, definition } = readPoint(rollbackPoint);
    await requestJob(sql, {
      purpose: "create",
      schema: action.schema,
      table,
      index: action.index,
      columns: null,
      command: definition.replace(/^CREATE INDEX /, "create index concurrently if not exists "),
    });
  },
};

async function readIndex(sql: SqlPort, { schema, index }: DropIndex): Promise<Droppable | null> {
  return (await sql.query<Droppable>(INDEX, [schema, index]))[0] ?? null;
}

function readPoint(point: unknown): { table: string; definition: string } {
  if (isRecord(point) && typeof point.table === "string" && typeof point.definition === "string") {
    return { table: point.table, definition: point.definition };
  }
  throw new Error("the rollback point has no definition");
}
