/** Finds out what became of a commit whose answer never came. @module */

import type { Clock } from "../core/clock.ts";
import type { PoolClient } from "../postgres.ts";

/** What became of a transaction; unknown when the server cannot be asked or does not know either. */
export type Outcome = "committed" | "aborted" | "unknown";

const PAUSES_MS = [0, 100, 300, 1_000, 2_000];

/** Asks the server by the transaction's number until it has an answer; some five seconds at most. */
export async function readOutcome(
  connect: () => Promise<PoolClient>,
  xid: string,
  clock: Clock,
): Promise<Outcome> {
  for (const pause of PAUSES_MS) {
    await clock.sleep(pause);
    const outcome = await askOnce(connect, xid);
    if (outcome !== "unknown") return outcome;
  }
  return "unknown";
}

async function askOnce(connect: () => Promise<PoolClient>, xid: string): Promise<Outcome> {
  let client: PoolClient | undefined;
  try {
    client = await connect();
    const { rows } = await client.query<{ status: string | null }>(
      "select pg_catalog.pg_xact_status($1::xid8) as status",
      [xid],
    );
    client.release();
    const status = rows[0]?.status;
    // "in progress": the server has not noticed yet that its client is gone.
    return status === "committed" || status === "aborted" ? status : "unknown";
  } catch {
    client?.release(true);
    return "unknown";
  }
}
