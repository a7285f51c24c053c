/**
 * The adapter of pg: everything else imports it from here.
 *
 * Never pass a `name` with a query: a named statement is prepared on the server and breaks behind the
 * platform's transaction pooler.
 *
 * @module
 */

import { toDatabaseError } from "./core/databaseErrors.ts";
import { HealingError } from "./core/errors.ts";
import type { RpcPort, SqlPort } from "./core/ports.ts";
import { currentTraceparent } from "./tracing.ts";
// @ts-types="npm:@types/pg@8.23.1"
import pg from "npm:pg@8.23.1";

/** One connection. */
export const Client = pg.Client;
/** One connection. */
export type Client = pg.Client;

/** A set of connections that callers borrow from. */
export const Pool = pg.Pool;
/** A set of connections that callers borrow from. */
export type Pool = pg.Pool;

/** A connection that was borrowed from a {@link Pool}. */
export type PoolClient = pg.PoolClient;

/** What a query answers. */
export type QueryResult<Row extends pg.QueryResultRow = pg.QueryResultRow> = pg.QueryResult<Row>;

/** One row of an answer, by column name. */
export type QueryResultRow = pg.QueryResultRow;

/** What the server says when it refuses a statement: SQLSTATE in `code`, and `position`, `where`, `hint`. */
export type DatabaseError = pg.DatabaseError;

/** A statement with its options. */
export type QueryConfig = pg.QueryConfig;

/** One direct transaction: statements, our SQL functions, and whole scripts. */
export interface DirectTransaction extends SqlPort {
  /** Our SQL functions, inside this transaction. */
  readonly rpc: RpcPort;
  /**
   * Runs the statements of a script one by one, each as a single command: what hides a second one is refused by the
   * server. Role, settings and limits are as before when it ends, unless they are to stay for what follows. Which
   * statement failed, {@link failedStatement} tells.
   */
  script(statements: readonly string[], options?: { keepsSettings?: boolean }): Promise<void>;
}

/** Options of one transaction. */
export interface TransactionOptions {
  /** `true` takes everything back at the end: a dry run. */
  rollback?: boolean;
  /** Longest time of one statement, in milliseconds. */
  statementTimeoutMs?: number;
  /** Longest wait for a lock, in milliseconds: a busy table is left for later. */
  lockTimeoutMs?: number;
}

/** One connection to the database itself, past the API. */
export interface DirectConnection {
  /** Runs work in one transaction; an error takes it back. */
  transaction<Result>(
    work: (tx: DirectTransaction) => Promise<Result>,
    options?: TransactionOptions,
  ): Promise<Result>;
  /**
   * Runs one statement outside of any transaction, after `settings` (`set role …`), which end with it. Only for a
   * connection that is not pooled: settings would reach others there.
   */
  alone(statement: string, settings: readonly string[], options?: TransactionOptions): Promise<void>;
  /** True behind a pooler, where two transactions may get two connections of the server. */
  isPooled(): Promise<boolean>;
  /** Our SQL functions, each call its own transaction. */
  readonly rpc: RpcPort;
  /** False once the connection has ended, whoever ended it. */
  readonly isOpen: boolean;
  close(): Promise<void>;
}

/** Opens one direct connection; rejects with `UNAVAILABLE` when the server does not answer within 5 s. */
export async function openDirectConnection(
  url: string,
): Promise<DirectConnection> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    application_name: "healing",
  });
  let isOpen = true;
  // A connection that breaks while idle emits an error; the next statement then reports it.
  client.on("error", () => isOpen = false);
  client.on("end", () => isOpen = false);
  try {
    await client.connect();
  } catch (cause) {
    throw new HealingError(
      "UNAVAILABLE",
      "The database does not answer on its direct connection",
      {
        hint: "Check SUPABASE_DB_URL and that the database is up",
        cause,
      },
    );
  }
  return {
    transaction: (work, options) => runTransaction(client, work, options),
    alone: (statement, settings, options) => runAlone(client, statement, settings, options),
    isPooled: () => isPooled(client),
    rpc: rpcOver(client),
    get isOpen() {
      return isOpen;
    },
    close: () => client.end(),
  };
}

async function runTransaction<Result>(
  client: Client,
  work: (tx: DirectTransaction) => Promise<Result>,
  options: TransactionOptions = {},
): Promise<Result> {
  await client.query("begin");
  try {
    await setLimits(client, options);
    const result = await work(transactionOver(client, options));
    await client.query(options.rollback ? "rollback" : "commit");
    return result;
  } catch (error) {
    // The connection may be gone; then the server takes the work back by itself.
    await client.query("rollback").catch(() => {});
    throw error;
  }
}

const failedStatements = new WeakMap<object, number>();

/** Which statement of a script failed with this error, from 0. */
export function failedStatement(error: unknown): number | undefined {
  return typeof error === "object" && error !== null ? failedStatements.get(error) : undefined;
}

async function runAlone(
  client: Client,
  statement: string,
  settings: readonly string[],
  { statementTimeoutMs = 600_000, lockTimeoutMs = 2_000 }: TransactionOptions = {},
): Promise<void> {
  try {
    for (const setting of settings) {
      await client.query({ text: setting, queryMode: "extended" } as QueryConfig);
    }
    await client.query(
      "select set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false)",
      [`${statementTimeoutMs}ms`, `${lockTimeoutMs}ms`],
    );
    await client.query({ text: statement, queryMode: "extended" } as QueryConfig);
  } finally {
    await client.query("reset role; reset all").catch(() => {});
  }
}

/** A pooler answers with a key of its own instead of the number of the server's process. */
async function isPooled(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>("select pg_catalog.pg_backend_pid() as pid");
  return rows[0]!.pid !== (client as Client & { processID?: number | null }).processID;
}

const LOCK_TIMEOUT_MS = 2_000;

/** A script may make its limits stricter; none of its statements waits for a busy table, or runs, without an end. */
const NAMES_A_LIMIT = /\b(?:lock_timeout|statement_timeout|reset\s+all|discard\s+all)\b/i;
const KEEP_LIMITS = `select pg_catalog.set_config(name, most || 'ms', true) from (
    select s.name, s.setting::bigint as now, case s.name when 'lock_timeout' then $1::bigint else 600000 end as most
    from pg_catalog.pg_settings s where s.name in ('lock_timeout', 'statement_timeout')) as limits
  where now = 0 or now > most`;

async function setLimits(client: Client, options: TransactionOptions): Promise<void> {
  const { statementTimeoutMs = 30_000, lockTimeoutMs = LOCK_TIMEOUT_MS } = options;
  await client.query(
    "select set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true), set_config('healing.traceparent', $3, true)",
    [
      `${statementTimeoutMs}ms`,
      `${lockTimeoutMs}ms`,
      currentTraceparent() ?? "",
    ],
  );
}

function transactionOver(client: Client, options: TransactionOptions): DirectTransaction {
  return {
    rpc: rpcOver(client),
    async query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
      return (await client.query<Row & QueryResultRow>(text, [...values])).rows;
    },
    async execute(template, ...values) {
      const { rows } = await client.query<{ statement: string }>(
        "select format($1, variadic $2::text[]) as statement",
        [
          template,
          values,
        ],
      );
      await client.query(rows[0]!.statement);
    },
    async script(statements, { keepsSettings = false } = {}) {
      for (const [index, text] of statements.entries()) {
        try {
          await client.query({ text, queryMode: "extended" } as QueryConfig);
          if (NAMES_A_LIMIT.test(text)) {
            await client.query(KEEP_LIMITS, [options.lockTimeoutMs ?? LOCK_TIMEOUT_MS]);
          }
        } catch (error) {
          failedStatements.set(error as object, index);
          throw error;
        }
      }
      if (keepsSettings) return;
      await client.query("reset role; reset all");
      await setLimits(client, options);
    },
  };
}

function rpcOver(client: Client): RpcPort {
  return {
    async call<Result>(
      name: string,
      args: Record<string, unknown>,
    ): Promise<Result> {
      const names = Object.keys(args);
      if (
        ![name, ...names].every((identifier) => /^[a-z_][a-z0-9_]*$/.test(identifier))
      ) {
        throw new TypeError(
          `Cannot call ${name} as its name or an argument is not a plain identifier`,
        );
      }
      const list = names.map((argument, index) => `${argument} => $${index + 1}`).join(", ");
      try {
        const values = Object.values(args).map((value) =>
          typeof value === "object" && value !== null ? JSON.stringify(value) : value
        );
        const traceparent = currentTraceparent();
        // In one round trip; what stands behind `from` is done first.
        const traced = traceparent === undefined
          ? ""
          : ` from pg_catalog.set_config('healing.traceparent', $${values.push(traceparent)}, true)`;
        const { rows } = await client.query<{ result: Result }>(
          `select public.${name}(${list}) as result${traced}`,
          values,
        );
        return rows[0]!.result;
      } catch (error) {
        throw toDatabaseError(error as DatabaseError);
      }
    },
  };
}
