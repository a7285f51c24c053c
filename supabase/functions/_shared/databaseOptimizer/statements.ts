/** What the server counts about statements: normalised texts, never the values of a call. @module */

import { messageOf } from "../core/errors.ts";
import type { SqlPort } from "../core/ports.ts";
import { quoted } from "../core/sqlNames.ts";

/** What is counted of one statement since the counting began. */
export interface StatementFigures {
  calls: number;
  /** Milliseconds of all calls. */
  total: number;
  /** The sum of their squares. */
  squares: number;
}

/** A statement that takes much time. */
export interface SlowStatement extends StatementFigures {
  id: string;
  /** With `$1` in the place of each value. */
  text: string;
}

/** The statements, or why there are none to be had. */
export type StatementReading =
  | { available: true; statements: SlowStatement[] }
  | { available: false; reason: string };

/** Statements in one reading: each costs some milliseconds of the two seconds of computing that a worker has. */
const MOST_STATEMENTS = 20;
const LONGEST_TEXT = 20_000;

/** Where the extension lies; null when it is not installed. */
export async function statementsView(sql: SqlPort): Promise<string | null> {
  const [row] = await sql.query<{ schema: string }>(
    `select n.nspname as schema from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
     where e.extname = 'pg_stat_statements'`,
  );
  return row === undefined ? null : quoted(row.schema, "pg_stat_statements");
}

const FIGURES = `sum(calls)::float8 as calls, sum(total_exec_time)::float8 as total,
  sum(calls * (stddev_exec_time * stddev_exec_time + mean_exec_time * mean_exec_time))::float8 as squares`;

/** The slowest statements of this database by their whole time. */
export async function readSlowStatements(sql: SqlPort): Promise<StatementReading> {
  const view = await statementsView(sql);
  if (view === null) {
    return { available: false, reason: "not available: the extension pg_stat_statements is not installed" };
  }
  return await orUnavailable(sql, async () => ({
    available: true,
    statements: await sql.query<SlowStatement>(
      `select queryid::text as id, (array_agg(query))[1] as text, ${FIGURES} from ${view}
       where dbid = (select oid from pg_catalog.pg_database where datname = current_database())
         and queryid is not null and length(query) <= ${LONGEST_TEXT} and query ~* '^\\s*(select|with|update|delete)\\M'
         and query !~* 'healing_private|pg_catalog|pg_stat|information_schema'
       group by queryid
       having sum(calls) >= (healing_private.setting('optimise_min_calls') #>> '{}')::float8
         and sum(total_exec_time) >= sum(calls) * (healing_private.setting('optimise_min_mean_ms') #>> '{}')::float8
       order by sum(total_exec_time) desc limit ${MOST_STATEMENTS}`,
    ),
  }));
}

/** What is counted of these statements now, by their ids; an unknown one is left out. */
export async function readFigures(
  sql: SqlPort,
  ids: readonly string[],
): Promise<Record<string, StatementFigures>> {
  const view = await statementsView(sql);
  if (view === null || ids.length === 0) return {};
  const read = await orUnavailable(sql, async () => {
    const rows = await sql.query<SlowStatement>(
      `select queryid::text as id, ${FIGURES} from ${view} where queryid::text = any ($1)
         and dbid = (select oid from pg_catalog.pg_database where datname = current_database()) group by queryid`,
      [ids],
    );
    return { available: true as const, statements: rows };
  });
  const statements = read.available ? read.statements : [];
  return Object.fromEntries(
    statements.map(({ id, calls, total, squares }) => [id, { calls, total, squares }]),
  );
}

/** The ids of the statements in which a table's name occurs, the ones with the most time first. */
export async function readStatementsNaming(sql: SqlPort, table: string): Promise<string[]> {
  const view = await statementsView(sql);
  if (view === null) return [];
  const read = await orUnavailable(sql, async () => {
    const rows = await sql.query<SlowStatement>(
      `select queryid::text as id, ${FIGURES} from ${view}
       where dbid = (select oid from pg_catalog.pg_database where datname = current_database())
         and position(lower($1) in lower(query)) > 0 and query ~* '^\\s*(select|with|update|delete)\\M'
       group by queryid having sum(calls) >= (healing_private.setting('optimise_min_calls') #>> '{}')::float8
       order by sum(total_exec_time) desc limit ${MOST_STATEMENTS}`,
      [table],
    );
    return { available: true as const, statements: rows };
  });
  return read.available ? read.statements.map(({ id }) => id) : [];
}

/** An extension whose library is not loaded refuses to be read; the transaction goes on. */
async function orUnavailable(
  sql: SqlPort,
  read: () => Promise<StatementReading>,
): Promise<StatementReading> {
  await sql.query("savepoint before_statements");
  try {
    const result = await read();
    await sql.query("release savepoint before_statements");
    return result;
  } catch (error) {
    await sql.query("rollback to savepoint before_statements");
    return { available: false, reason: `not available: ${messageOf(error)}` };
  }
}
