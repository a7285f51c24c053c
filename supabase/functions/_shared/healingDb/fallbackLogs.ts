/** Log entries that arrive later than they were written. @module */

import type { RpcPort } from "../core/ports.ts";

/** What became of a delivery. */
export interface StoredLogs {
  /** Entries that are new in the table. */
  stored: number;
  /** Entries that stood there already. */
  known: number;
  /** Entries that are none: without an id or a time that can be read. */
  refused: number;
}

/** Stores entries, each once by its own id however often it is delivered. */
export async function storeFallbackLogs(db: RpcPort, entries: readonly object[]): Promise<StoredLogs> {
  return await db.call<StoredLogs>("store_fallback_logs", { p_entries: entries });
}
