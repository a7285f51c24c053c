/** What `create_index` does. @module */

import { isRecord } from "../../core/unknownValues.ts";
import type { Json } from "../../core/ports.ts";
import { quoted } from "../../core/sqlNames.ts";
import type { CreateIndex } from "../createIndex.ts";
import { GO, refused, sqlOf } from "../kind.ts";
import type { FixSteps } from "../lazily.ts";
import { cautionOf, isApproved, readTable, refusalOf, requireLowLoad, sameIndex } from "./facts.ts";
import { endJobs, probeJob, requestJob, stateOfIndex } from "./jobs.ts";
import { indexCommand, indexName } from "./name.ts";

/** The steps of `create_index`. */
export const createIndexSteps: FixSteps<CreateIndex> = {
  async precondition(context, action) {
    const sql = sqlOf(context);
    const facts = await readTable(sql, action.schema, action.table);
    const refusal = refusalOf(action, facts);
    if (refusal !== null) return refused(refusal);
    const same = sameIndex(action, facts!);
    if (same !== null) return { kind: "alreadyDone", reason: `index ${same} does the same already` };
    if (await stateOfIndex(sql, action.schema, indexName(action)) !== null) {
      return refused(`the name ${indexName(action)} is taken`);
    }
    const caution = cautionOf(action, facts!);
    if (caution !== null && !await isApproved(sql, action)) return refused(caution);
    await requireLowLoad(sql);
    return GO;
  },
  snapshot(_context, action) {
    return Promise.resolve({ index: indexName(action) });
  },
  async apply(context, action) {
    await requestJob(sqlOf(context), {
      purpose: "create",
      schema: action.schema,
      table: action.table,
      index: indexName(action),
      columns: action.columns.map(({ name, descending }) => ({ name, descending })),
      command: indexCommand(action),
    });
  },
  probe: (context, action) =>
    probeJob(sqlOf(context), { purpose: "create", schema: action.schema, index: indexName(action) }),
  async revert(context, action, rollbackPoint) {
    const sql = sqlOf(context);
    const index = isRecord(rollbackPoint) ? String(rollbackPoint.index) : indexName(action);
    await endJobs(sql, action.schema, index, "the index was taken back");
    const state = await stateOfIndex(sql, action.schema, index);
    // What is not as we build it is not ours, whatever its name.
    if (state === null || !isOurs(state.columns, action) || state.table !== action.table) return;
    await requestJob(sql, {
      purpose: "drop",
      schema: action.schema,
      table: action.table,
      index,
      columns: null,
      command: `drop index concurrently if exists ${quoted(action.schema, index)}`,
    });
  },
};

function isOurs(columns: Json, action: CreateIndex): boolean {
  return Array.isArray(columns) && columns.length === action.columns.length &&
    columns.every((column, place) =>
      isRecord(column) && column.name === action.columns[place]!.name &&
      column.descending === action.columns[place]!.descending
    );
}
