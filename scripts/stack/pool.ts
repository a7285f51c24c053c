/** Pools of connections that survive the loss of one. @module */

import { Pool } from "../../supabase/functions/_shared/postgres.ts";

/** Longest wait for a free connection. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Opens a pool; a connection that is lost fails its query and is replaced, and never ends the process. */
export function openPool(connectionString: string, max: number): Pool {
  const pool = new Pool({ connectionString, max, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // Without a listener the driver's event would be an uncaught error: on the pool for idle connections, on the
  // connection itself while somebody has borrowed it.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}
