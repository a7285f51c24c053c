/** A database that belongs to a test: what it can do, and how it is cloned and opened. @module */

import { Client, type QueryResultRow } from "../../supabase/functions/_shared/postgres.ts";
import { type Arguments, callSql } from "./callSql.ts";
import { onServer, PLATFORM_TEMPLATE, TEMPLATE, withDatabase } from "./testServer.ts";

/** A role that requests from outside run as. */
export type ApiRole = "anon" | "authenticated" | "service_role";

/** Where a statement can be run. */
export interface Session {
  query<Row extends QueryResultRow = QueryResultRow>(sql: string, params?: unknown[]): Promise<Row[]>;
}

/** A database with the platform's stand-in and all migrations, and nothing else in it. */
export interface TestDatabase extends Session, AsyncDisposable {
  readonly name: string;
  /** As `postgres`, who is no superuser: what migrations and our functions connect as. */
  readonly url: string;
  readonly superuserUrl: string;
  /** A connection of its own, as `postgres` unless another user is named; it ends with the database. */
  connect(user?: string): Promise<Client>;
  /** Runs `work` in one transaction as PostgREST would: role and claims are set locally. */
  asRole<T>(
    role: ApiRole,
    claims: Record<string, unknown>,
    work: (session: Session) => Promise<T>,
  ): Promise<T>;
  /** Calls a function of `public` by argument names and returns its result as JSON; null for void. */
  rpc<T = unknown>(name: string, args?: Arguments, role?: ApiRole): Promise<T>;
}

/** What to clone. */
export interface TestDatabaseOptions {
  /** `false` leaves the migrations to the test. */
  migrated?: boolean;
}

/** Clones a template of the server; the clone is dropped at its disposal. */
export async function cloneDatabase(
  serverUrl: string,
  { migrated = true }: TestDatabaseOptions = {},
): Promise<TestDatabase> {
  const name = `test_${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
  const template = migrated ? TEMPLATE : PLATFORM_TEMPLATE;
  await onServer(serverUrl, `create database ${name} template ${template} owner postgres`);
  // A clone's jobs still name the template.
  await onServer(withDatabase(serverUrl, name), "update cron.job set database = current_database()");
  return await openTestDatabase(
    serverUrl,
    name,
    () => onServer(serverUrl, `drop database if exists ${name} with (force)`),
  );
}

/** Opens a database that exists; `onClose` runs at its disposal, after its connections have ended. */
export async function openTestDatabase(
  serverUrl: string,
  name: string,
  onClose: () => Promise<unknown>,
): Promise<TestDatabase> {
  const database = new OpenDatabase(serverUrl, name, onClose);
  await database.open();
  return database;
}

class OpenDatabase implements TestDatabase {
  readonly #clients = new Set<Client>();
  #own: Client | undefined;
  /** Free for the next request; connecting costs more than most requests do. */
  #idle: Client | undefined;

  constructor(
    private readonly serverUrl: string,
    readonly name: string,
    private readonly onClose: () => Promise<unknown>,
  ) {}

  get url(): string {
    return withDatabase(this.serverUrl, this.name, "postgres");
  }

  get superuserUrl(): string {
    return withDatabase(this.serverUrl, this.name);
  }

  /** Connects now, so that no test is blamed for a connection that outlives it. */
  async open(): Promise<void> {
    [this.#own, this.#idle] = await Promise.all([this.connect(), this.connect("authenticator")]);
  }

  async connect(user = "postgres"): Promise<Client> {
    const client = new Client({ connectionString: withDatabase(this.serverUrl, this.name, user) });
    await client.connect();
    this.#clients.add(client);
    client.on("end", () => this.#clients.delete(client));
    // A connection that a test cuts on purpose says so at its next query; it must not end the process.
    client.on("error", () => this.#clients.delete(client));
    return client;
  }

  async query<Row extends QueryResultRow>(sql: string, params?: unknown[]): Promise<Row[]> {
    return (await this.#own!.query<Row>(sql, params)).rows;
  }

  async asRole<T>(
    role: ApiRole,
    claims: Record<string, unknown>,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    const kept = this.#idle;
    this.#idle = undefined;
    const client = kept ?? await this.connect("authenticator");
    try {
      return await inRole(client, role, claims, work);
    } finally {
      if (kept === undefined) await client.end();
      else this.#idle = kept;
    }
  }

  rpc<T>(name: string, args: Arguments = {}, role: ApiRole = "service_role"): Promise<T> {
    return this.asRole(role, {}, (session) => callSql<T>(session, name, args));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#clients].map((client) => client.end()));
    await this.onClose();
  }
}

function sessionOf(client: Client): Session {
  return {
    query: async <Row extends QueryResultRow>(sql: string, params?: unknown[]) =>
      (await client.query<Row>(sql, params)).rows,
  };
}

async function inRole<T>(
  client: Client,
  role: ApiRole,
  claims: Record<string, unknown>,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  await client.query("begin");
  try {
    await client.query("select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)", [
      role,
      JSON.stringify({ role, ...claims }),
    ]);
    const result = await work(sessionOf(client));
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}
