/** Jobs that build and remove indexes, as the steps of the kinds ask for them. @module */

import type { Json, SqlPort } from "../../core/ports.ts";
import type { ProbeResult } from "../kind.ts";

/** What a job is to do. */
export interface IndexJob {
  purpose: "create" | "drop";
  schema: string;
  table: string;
  index: string;
  /** What the index has to look like for it to be ours; null where the definition is somebody else's. */
  columns: Json;
  command: string;
}

/** An index as the catalogue has it. */
export interface IndexState {
  table: string;
  valid: boolean;
  definition: string;
  columns: Json;
}

/** Writes the job down and puts it on the schedule, in this transaction. */
export async function requestJob(sql: SqlPort, job: IndexJob): Promise<void> {
  await sql.query("select healing_private.request_index_job($1, $2, $3, $4, $5::jsonb, $6)", [
    job.purpose,
    job.schema,
    job.table,
    job.index,
    job.columns === null ? null : JSON.stringify(job.columns),
    job.command,
  ]);
}

/** The index, or null. */
export async function stateOfIndex(sql: SqlPort, schema: string, index: string): Promise<IndexState | null> {
  const [row] = await sql.query<{ state: IndexState | null }>(
    "select healing_private.index_state($1, $2) as state",
    [schema, index],
  );
  return row!.state;
}

/** Ends the open jobs about an index, and what runs of them. */
export async function endJobs(sql: SqlPort, schema: string, index: string, reason: string): Promise<void> {
  await sql.query(
    `select healing_private.end_index_job(j.id, 'failed', $3),
       (select count(pg_catalog.pg_cancel_backend(pid)) from healing_private.job_is_running(j.command) as pid)
     from healing_private.index_jobs as j where j.schema_name = $1 and j.index_name = $2 and j.finished_at is null`,
    [schema, index, reason],
  );
}

/** Whether the job is on the schedule; that it did its work, only the catalogue can say. */
export async function probeJob(
  sql: SqlPort,
  { purpose, schema, index }: Pick<IndexJob, "purpose" | "schema" | "index">,
): Promise<ProbeResult> {
  const rows = await sql.query(
    `select from healing_private.index_jobs as j join cron.job as c on c.jobname = j.job_name and c.command = j.command
     where j.schema_name = $1 and j.index_name = $2 and j.purpose = $3 and j.finished_at is null and c.active`,
    [schema, index, purpose],
  );
  const ok = rows.length === 1;
  return { ok, measured: `the job to ${purpose} ${index} ${ok ? "is" : "is not"} on the schedule` };
}
