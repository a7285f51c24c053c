/**
 * A copy of a database in which migrations are tried; the database itself is only read.
 *
 * Running them on the database and taking that back would hold its locks against everybody meanwhile. On a server of
 * this machine the copy is made from the database as a template, with its rows; a template must have no other
 * connection, and none can be opened until it is copied, so that no server elsewhere is asked for it. Otherwise
 * `pg_dump` gives the schema, or, where it is missing or too old, the history of migrations, to a server that is
 * started for this and ends with it.
 *
 * @module
 */

import { Client } from "../../supabase/functions/_shared/postgres.ts";
import { messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { quoted } from "../../supabase/functions/_shared/core/sqlNames.ts";
import { splitStatements } from "../../supabase/functions/_shared/sqlStatements.ts";
import { runSql, type ScratchServer, startScratchServer } from "../lib/scratchServer.ts";

/** A copy; it goes at its disposal. */
export interface DatabaseCopy extends AsyncDisposable {
  url: string;
  kind: "template" | "dump" | "history" | "empty";
  /** What of the database is not in it, one sentence each. */
  left: string[];
}

/** Above this a template is not copied: nobody should wait for it. */
const MOST_BYTES = 512 * 1024 * 1024;

/** Makes the copy; without a database it is a new project. */
export async function copyDatabase(url: string | undefined): Promise<DatabaseCopy> {
  if (url === undefined) return await emptyProject();
  return await fromTemplate(url) ?? await fromDump(url) ?? await fromHistory(url);
}

async function emptyProject(): Promise<DatabaseCopy> {
  const server = await startScratchServer();
  const superuser = await server.createDatabase({ migrated: false });
  return copyOn(server, asPostgres(superuser), "empty", []);
}

function copyOn(
  server: ScratchServer,
  url: string,
  kind: DatabaseCopy["kind"],
  left: string[],
): DatabaseCopy {
  return { url, kind, left, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function asPostgres(url: string): string {
  return withParts(url, { username: "postgres" });
}

function withParts(url: string, parts: { username?: string; database?: string }): string {
  const changed = new URL(url);
  if (parts.username !== undefined) changed.username = parts.username;
  if (parts.database !== undefined) changed.pathname = `/${parts.database}`;
  return changed.href;
}

interface Source {
  name: string;
  bytes: number;
  may: boolean;
  others: number;
  version: number;
}

const SOURCE = `
  select current_database() as name, pg_catalog.pg_database_size(current_database())::float8 as bytes,
    (select rolcreatedb or rolsuper from pg_catalog.pg_roles where rolname = current_user) as may,
    (select count(*)::int from pg_catalog.pg_stat_activity where datname = current_database() and pid <> pg_catalog.pg_backend_pid()) as others,
    current_setting('server_version_num')::int / 10000 as version`;

async function fromTemplate(url: string): Promise<DatabaseCopy | null> {
  if (!["localhost", "127.0.0.1", "[::1]"].includes(new URL(url).hostname)) return null;
  const [source] = await runSql<Source>(url, SOURCE);
  if (!source!.may || source!.others > 0 || source!.bytes > MOST_BYTES) return null;
  const name = `healing_copy_${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
  const home = withParts(url, { database: source!.name === "postgres" ? "template1" : "postgres" });
  try {
    await runSql(home, `create database ${name} template ${quoted(source!.name)}`);
  } catch (error) {
    // Somebody has connected meanwhile, or may not be let in there.
    if (["55006", "42501", "28000", "3D000"].includes((error as { code?: string }).code ?? "")) return null;
    throw error;
  }
  return {
    url: withParts(url, { database: name }),
    kind: "template",
    left: [],
    [Symbol.asyncDispose]: async () => {
      await runSql(home, `drop database if exists ${name} with (force)`);
    },
  };
}

async function fromDump(url: string): Promise<DatabaseCopy | null> {
  const dump = await dumpOf(url);
  if (dump === null) return null;
  const server = await startScratchServer();
  // The roles of the platform belong to the whole server; its objects come with the dump.
  const other = await server.createDatabase({ migrated: false });
  await runSql(other, "create database healing_copy template template0 owner postgres");
  const copy = withParts(other, { database: "healing_copy" });
  const left = await runAll(copy, splitStatements(dump).map(({ text }) => text));
  return copyOn(server, asPostgres(copy), "dump", left);
}

/** The schema as `pg_dump` writes it; null where there is none, or none that knows this server. */
async function dumpOf(url: string): Promise<string | null> {
  try {
    const { success, stdout } = await new Deno.Command("pg_dump", {
      args: ["--schema-only", "--no-comments", "--no-publications", "--no-subscriptions", "--dbname", url],
      stdout: "piped",
      stderr: "null",
    }).output();
    // Lines that begin so are for the program that reads dumps.
    return success ? new TextDecoder().decode(stdout).replace(/^\\.*$/gm, "") : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** Runs statements one by one; what fails is left out and named. */
async function runAll(url: string, statements: readonly string[]): Promise<string[]> {
  const left: string[] = [];
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const text of statements) {
      try {
        await client.query(text);
      } catch (error) {
        const isThere = ["42P06", "42710", "42P07"].includes((error as { code?: string }).code ?? "");
        if (!isThere) left.push(`${text.replace(/\s+/g, " ").slice(0, 80)}: ${messageOf(error)}`);
      }
    }
  } finally {
    await client.end();
  }
  return left;
}

const HISTORY = `
  select version, coalesce(statements, '{}') as statements from supabase_migrations.schema_migrations order by version`;

async function fromHistory(url: string): Promise<DatabaseCopy> {
  const [made] = await runSql<{ made: boolean }>(
    url,
    "select pg_catalog.to_regclass('supabase_migrations.schema_migrations') is not null as made",
  );
  const history = made!.made ? await runSql<{ version: string; statements: string[] }>(url, HISTORY) : [];
  const server = await startScratchServer();
  const copy = asPostgres(await server.createDatabase({ migrated: false }));
  await runSql(
    copy,
    "create schema if not exists supabase_migrations; create table if not exists supabase_migrations.schema_migrations (version text primary key, statements text[], name text)",
  );
  const left = await runAll(copy, history.flatMap(({ statements }) => statements));
  for (const { version } of history) {
    await runSql(
      copy,
      `insert into supabase_migrations.schema_migrations (version) values ('${
        version.replaceAll("'", "''")
      }')`,
    );
  }
  return copyOn(server, copy, "history", [
    "what was changed past the migrations is not in the copy: no pg_dump of the server's version was found",
    ...left,
  ]);
}
