/** Everything that happened in one trace. @module */

import type { Json, RpcPort } from "../core/ports.ts";

/** What the database knows of a trace; rows as they are stored, oldest first. */
export interface StoredTrace {
  trace_id: string;
  events: { [column: string]: Json }[];
  errors: { [column: string]: Json }[];
  fixes: { [column: string]: Json }[];
  runs: { [column: string]: Json }[];
}

/** Finds a trace by its id; rejects with `BAD_REQUEST` for what is none. */
export function getTrace(db: RpcPort, traceId: string): Promise<StoredTrace> {
  return db.call("get_trace", { p_trace_id: traceId });
}
