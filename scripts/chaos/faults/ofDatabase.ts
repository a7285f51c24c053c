/** Faults of a database that runs: sessions thrown out, none left, statements that may not take their time. @module */

import { Client } from "../../../supabase/functions/_shared/postgres.ts";
import { pause } from "../pause.ts";
import type { PlannedFault } from "../plan.ts";
import type { World } from "../world.ts";
import type { Pick } from "./fault.ts";

const OTHERS = "backend_type = 'client backend' and pid <> pg_backend_pid()";

/** Some sessions are thrown out. */
export async function terminateSessions(
  { database }: World,
  { seed }: PlannedFault,
): Promise<string | undefined> {
  // Every n-th, so that the seed decides and not the server.
  const every = 1 + seed % 3;
  const rows = await database.query(
    `select pg_terminate_backend(pid) from (
       select pid, row_number() over (order by pid) as place from pg_stat_activity where ${OTHERS}) as s
     where place % $1 = 0`,
    [every],
  );
  return `${rows.length} of them`;
}

/** Somebody takes every connection that is left, and keeps it. */
export async function exhaustConnections(
  { database }: World,
  { lastsMs }: PlannedFault,
): Promise<string | undefined> {
  const connectionString = database.url.replace(/\/\/[^@/]*@/, "//postgres@");
  const clients: Client[] = [];
  for (;;) {
    const client = new Client({ connectionString, connectionTimeoutMillis: 3_000 });
    client.on("error", () => {});
    const isIn = await client.connect().then(() => true, () => false);
    if (!isIn) break;
    clients.push(client);
  }
  await pause(lastsMs);
  await Promise.all(clients.map((client) => client.end().catch(() => {})));
  return `${clients.length} taken for ${lastsMs} ms`;
}

/** Statements may take next to no time, in sessions that begin now. */
export async function timeOutStatements(
  { database }: World,
  { lastsMs, seed }: PlannedFault,
): Promise<string | undefined> {
  const limitMs = 5 + seed % 40;
  const throwOut = `select pg_terminate_backend(pid) from pg_stat_activity where ${OTHERS}`;
  await database.query(`alter database postgres set statement_timeout = ${limitMs}`);
  await database.query(throwOut);
  await pause(lastsMs);
  await untilDone(() => database.query("alter database postgres reset statement_timeout"));
  // Pools would keep the limit for as long as their sessions live.
  await untilDone(() => database.query(throwOut));
  return `${limitMs} ms for ${lastsMs} ms`;
}

/** A migration of somebody else holds a table. */
export async function lockTable(
  { database }: World,
  { lastsMs, seed }: PlannedFault,
  pick: Pick,
): Promise<string | undefined> {
  const table = pick([
    "messages",
    "detected_errors",
    "queued_operations",
    "healing_runs",
    "write_ledger",
  ]);
  const seconds = (seed % 2 + 1) * lastsMs / 2_000;
  await database.query(
    `begin; lock table public.${table} in access exclusive mode; select pg_sleep(${seconds}); commit`,
  );
  return `${table} for ${Math.round(seconds * 1_000)} ms`;
}

/** The extension that reports need is taken away. */
export async function dropExtension({ database }: World): Promise<string | undefined> {
  await database.query("drop extension if exists unaccent");
  return undefined;
}

/** Moves every lease into the past: to the holders it is as if the clock had jumped ahead. */
export async function expireLeases({ database }: World): Promise<string | undefined> {
  for (const statement of EXPIRE_LEASES) await database.query(statement);
  return undefined;
}

/** What a jump of the clock does to leases and pauses. */
export const EXPIRE_LEASES: readonly string[] = [
  "update detected_errors set lease_expires_at = now() - interval '1 s' where lease_expires_at is not null",
  "update detected_errors set next_attempt_at = now() where next_attempt_at > now()",
  "update auto_fixes set lease_expires_at = now() - interval '1 s' where lease_expires_at is not null",
  "update auto_fixes set validate_until = now() where status = 'validating'",
  "update queued_operations set lease_expires_at = now() - interval '1 s' where lease_expires_at is not null",
  "update queued_operations set next_attempt_at = now() where status = 'queued'",
  "update healing_cycles set lease_expires_at = now() - interval '1 s' where lease_expires_at is not null",
  "update notification_deliveries set lease_expires_at = now() - interval '1 s' where lease_expires_at is not null",
];

/** The database may be away when the fault is to end; then it is ended as soon as it is back. */
export async function untilDone(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; attempt < 120; attempt++) {
    const isDone = await work().then(() => true, () => false);
    if (isDone) return;
    await pause(250);
  }
}
