/**
 * The adapter of pg: everything else imports it from here.
 *
 * Never pass a `name` with a query: a named statement is prepared on the server and breaks behind the
 * platform's transaction pooler.
 *
 * @module
 */

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

/** A `notify` that arrived on a connection. */
export type Notification = pg.Notification;
