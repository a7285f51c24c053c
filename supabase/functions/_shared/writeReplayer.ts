/**
 * Makes queued writes again, under exactly the role and the claims of their first caller, so that row level security
 * holds as it did for them.
 *
 * A write is made as a whole or not at all, in one transaction with its entry in the ledger: a worker that dies before
 * it could say so finds it made when it comes again.
 *
 * @module
 */

import { isHealingError, statusOf } from "./core/errors.ts";
import type { Json } from "./core/ports.ts";
import { healPayload } from "./deterministicFixPatterns.ts";
import type { ClaimedOperation, StoredTableSchema, WriteAnswer, WriteRowsOptions } from "./healingDb.ts";
import type { DirectConnection, DirectTransaction } from "./postgres.ts";

type Row = Record<string, unknown>;

/** What is stored of a queued write. */
interface QueuedWrite {
  table: string;
  rows: Row[];
  options: WriteRowsOptions;
  /** The rows that it means, as its caller saw them. */
  seen: Json;
}

/** Makes an operation and says what came of it, in the statuses of HTTP. */
type Invoker = (operation: ClaimedOperation) => Promise<{ status: number; body: string }>;

/** What the target is missing may come yet. */
const STILL_MISSING = /^(?:42703|42P01|42883)$/;

/** Makes queued writes over a direct connection each; what keeps one from being made may pass or needs a person. */
export function createWriteReplayer(openDirect: () => Promise<DirectConnection>): Invoker {
  return async (operation) => {
    const connection = await openDirect();
    try {
      return await replay(connection, operation);
    } catch (error) {
      if (!isHealingError(error)) throw error;
      return { status: statusOf(error.code), body: error.message };
    } finally {
      await connection.close().catch(() => {});
    }
  };
}

/** Sends each kind of operation to who can make it; undefined when nobody can make any. */
export function invokeByKind(
  invokers: Readonly<Record<ClaimedOperation["operation_kind"], Invoker | undefined>>,
): Invoker | undefined {
  if (Object.values(invokers).every((invoker) => invoker === undefined)) return undefined;
  return (operation) =>
    invokers[operation.operation_kind]?.(operation) ??
      Promise.resolve({ status: 503, body: `nothing here can make a ${operation.operation_kind}` });
}

async function replay(
  connection: DirectConnection,
  operation: ClaimedOperation,
): Promise<{ status: number; body: string }> {
  const write = operation.payload as unknown as QueuedWrite;
  let answer = await attempt(connection, operation, write, {});
  if (answer.status === "mixed" && answer.schema !== undefined) {
    const healed = healAll(write, answer.schema);
    if (healed !== null) answer = await attempt(connection, operation, write, healed);
  }
  if (answer.status === "saved") return { status: 200, body: `${answer.rows} rows` };
  if (answer.status === "changed") return { status: 412, body: "the rows that it means have changed since" };
  if (answer.status === "off") return { status: 503, body: "healing of payloads is off" };
  const faults = answer.results.map(({ error }) => error).filter((error) => error !== undefined);
  const isWaiting = faults.length > 0 && faults.every(({ code }) => STILL_MISSING.test(code));
  return { status: isWaiting ? 503 : 422, body: faults[0]?.message ?? "not all rows could be written" };
}

/** One transaction that stays only if every row was saved. */
async function attempt(
  connection: DirectConnection,
  operation: ClaimedOperation,
  write: QueuedWrite,
  more: WriteRowsOptions,
): Promise<WriteAnswer> {
  let answer: WriteAnswer | undefined;
  try {
    return await connection.transaction(async (tx) => {
      answer = await asCaller(tx, operation, write, more);
      if (answer.status !== "saved") throw new TakenBack();
      return answer;
    });
  } catch (error) {
    if (error instanceof TakenBack && answer !== undefined) return answer;
    throw error;
  }
}

class TakenBack extends Error {}

async function asCaller(
  tx: DirectTransaction,
  operation: ClaimedOperation,
  write: QueuedWrite,
  more: WriteRowsOptions,
): Promise<WriteAnswer> {
  await tx.query("select set_config('request.jwt.claims', $1, true), set_config('role', $2, true)", [
    JSON.stringify(operation.caller_claims),
    operation.caller_role,
  ]);
  const isSeen = !operation.sent_back && write.options.operation !== undefined;
  return await tx.rpc.call("write_rows", {
    p_table: write.table,
    p_rows: write.rows,
    p_options: {
      ...write.options,
      key: operation.idempotency_key,
      ...(isSeen ? { seen: write.seen } : {}),
      ...more,
    },
  });
}

/** The rows as they fit the table that there is now; null when one does not fit whole. */
function healAll(write: QueuedWrite, schema: StoredTableSchema): WriteRowsOptions | null {
  if (write.options.operation === "update" || write.options.operation === "delete") return null;
  const results = write.rows.map((row) => healPayload({ table: write.table, columns: schema.columns }, row));
  if (results.some(({ decision }) => decision !== "map")) return null;
  const altered = results.flatMap(({ row, applied }, index) =>
    applied.length > 0 ? [[index, row] as const] : []
  );
  if (altered.length === 0) return null;
  const healed = Object.fromEntries(altered);
  return { healed, fingerprint: schema.fingerprint, final: true };
}
