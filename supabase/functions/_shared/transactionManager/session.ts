/** What stands around the statements of a transaction: whose it is, how long it may take, and its end. @module */

import type { CallerIdentity } from "../callerToken.ts";
import { HealingError } from "../core/errors.ts";
import type { PoolClient } from "../postgres.ts";
import type { TransactionSettings } from "./options.ts";

/** Begins a transaction as its caller; every setting ends with it, so that a pooler's next client finds none. */
export async function begin(
  client: PoolClient,
  { role, claims }: CallerIdentity,
  { isolation, limitMs, lockTimeoutMs }: TransactionSettings,
): Promise<void> {
  await client.query(`begin isolation level ${isolation}`);
  const local = {
    statement_timeout: `${limitMs}ms`,
    lock_timeout: `${lockTimeoutMs}ms`,
    // What a worker that died left open ends by itself.
    idle_in_transaction_session_timeout: `${limitMs}ms`,
    transaction_timeout: `${limitMs}ms`,
    "request.jwt.claims": JSON.stringify(claims),
    role,
  };
  // Postgres knows a limit for the whole transaction from 17 on.
  await client.query(
    `select set_config(name, value, true) from unnest($1::text[], $2::text[]) as local (name, value)
     where name <> 'transaction_timeout' or current_setting('transaction_timeout', true) is not null`,
    [Object.keys(local), Object.values(local)],
  );
}

/** What a transaction says of itself before its end. */
export interface Audit {
  name: string;
  function_name: string | null;
  request_id: string | null;
  duration_ms: number;
  statements: number;
  attempt: number;
}

/**
 * Writes the audit row and looks under whose name the transaction would be committed. The answer is its number,
 * by which the server knows its outcome; undefined when it has written nothing.
 */
export async function closeAs(
  client: PoolClient,
  { role, claims }: CallerIdentity,
  audit: Audit | null,
): Promise<string | undefined> {
  const { rows } = await client.query<{ seen: { role: string; claims: string | null; xid: string | null } }>(
    "select healing_private.record_transaction($1) as seen",
    [audit === null ? null : JSON.stringify(audit)],
  );
  const { seen } = rows[0]!;
  if (seen.role !== role || seen.claims !== JSON.stringify(claims)) {
    throw new HealingError(
      "FORBIDDEN",
      "The transaction was taken back as something in it changed its role",
      {
        hint: "Look for set_config or set role in the functions that it calls",
      },
    );
  }
  return seen.xid ?? undefined;
}

/** Commits; rejects when the server took the transaction back instead. */
export async function commit(client: PoolClient): Promise<void> {
  const { command } = await client.query("commit");
  // Postgres answers a commit after a failed statement with a rollback, and calls that a success.
  if (command === "COMMIT") return;
  throw new HealingError("DATABASE_ERROR", "The transaction was taken back as one of its statements failed", {
    hint: "Put a statement that may fail into tx.restorePoint(), and do not swallow its error",
  });
}
