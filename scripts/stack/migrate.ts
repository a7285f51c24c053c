/**
 * Applies the migrations in `supabase/migrations`, each file in one transaction, and keeps the history where
 * and as the Supabase CLI keeps it. Any number of installers may run at once.
 *
 * @module
 */

import { HealingError, messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { Client, type DatabaseError } from "../../supabase/functions/_shared/postgres.ts";
import {
  lineAt,
  splitStatements,
  type SqlStatement,
} from "../../supabase/functions/_shared/sqlStatements.ts";

/** Where the migrations of this project are. */
export const MIGRATIONS_DIRECTORY = decodeURIComponent(
  new URL("../../supabase/migrations", import.meta.url).pathname,
).replace(/^\/(\w:)/, "$1");

/** One file, read. */
export interface Migration {
  /** The fourteen digits. */
  version: string;
  name: string;
  fileName: string;
  text: string;
}

/** How to apply; the directory is the project's own unless said otherwise. */
export interface MigrateOptions {
  directory?: string | undefined;
  /** Called after a file was committed, with its name. */
  onApplied?: ((fileName: string) => void) | undefined;
  onProgress?: ((message: string) => void) | undefined;
}

const FILE_NAME = /^([0-9]{14})_([a-z0-9_]+)\.sql$/;

/** Held in each transaction, so that installers wait for each other; behind a pooler as well. */
const LOCK = "select pg_catalog.pg_advisory_xact_lock(7301842650113)";

/** Applies what is missing, in the order of the versions, and returns the files that this call applied. */
export async function applyMigrations(url: string, options: MigrateOptions = {}): Promise<string[]> {
  const migrations = await readMigrations(options.directory);
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await inTransaction(client, () => makeHistory(client));
    const applied: string[] = [];
    for (const migration of migrations) {
      if (!await inTransaction(client, () => applyOne(client, migration, options))) continue;
      applied.push(migration.fileName);
      options.onApplied?.(migration.fileName);
    }
    options.onProgress?.(summary(applied.length));
    return applied;
  } finally {
    await client.end();
  }
}

/** The migrations of a directory in their order; refuses names and versions that the history cannot hold. */
export async function readMigrations(directory: string = MIGRATIONS_DIRECTORY): Promise<Migration[]> {
  const fileNames: string[] = [];
  for await (const entry of Deno.readDir(directory)) {
    if (entry.isFile && entry.name.endsWith(".sql")) fileNames.push(entry.name);
  }
  const migrations: Migration[] = [];
  for (const fileName of fileNames.sort()) {
    const [, version, name] = FILE_NAME.exec(fileName) ?? [];
    if (version === undefined || name === undefined) {
      throw refuse(
        `${fileName} is not named like a migration.`,
        "Name it YYYYMMDDHHMMSS_<verb>_<object>.sql.",
      );
    }
    const rival = migrations.at(-1);
    if (rival?.version === version) {
      throw refuse(
        `${rival.fileName} and ${fileName} have the same version.`,
        "Give the newer one a later time.",
      );
    }
    const text = await Deno.readTextFile(`${directory}/${fileName}`);
    migrations.push({ version, name, fileName, text });
  }
  return migrations;
}

function refuse(message: string, hint: string): HealingError {
  return new HealingError("BAD_REQUEST", message, { hint, details: { problem: "bad_migration" } });
}

async function inTransaction<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query("begin");
  try {
    // An index on a big table may take longer than any limit of the role, and so may the wait for a rival.
    await client.query("set local statement_timeout = 0; set local lock_timeout = 0");
    await client.query(LOCK);
    const result = await work();
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw error;
  }
}

async function makeHistory(client: Client): Promise<void> {
  const { rows } = await client.query(
    "select pg_catalog.to_regclass('supabase_migrations.schema_migrations') is not null as made",
  );
  if (rows[0].made) return;
  await client.query(`
    create schema if not exists supabase_migrations;
    create table if not exists supabase_migrations.schema_migrations (version text not null primary key);
    alter table supabase_migrations.schema_migrations add column if not exists statements text[];
    alter table supabase_migrations.schema_migrations add column if not exists name text;`);
}

function summary(appliedCount: number): string {
  if (appliedCount === 0) return "All migrations were applied already.";
  return `${appliedCount} migration${appliedCount === 1 ? "" : "s"} applied.`;
}

/** Applies one file unless the history has it; says whether it did. */
async function applyOne(client: Client, migration: Migration, options: MigrateOptions): Promise<boolean> {
  const statements = splitStatements(migration.text);
  const known = await client.query<{ changed: boolean | null }>(
    "select statements <> $2 as changed from supabase_migrations.schema_migrations where version = $1",
    [migration.version, statements.map(({ text }) => text)],
  );
  if (known.rows[0] !== undefined) {
    if (known.rows[0].changed) {
      options.onProgress?.(
        `${migration.fileName} was changed after it was applied; this database keeps its old form.`,
      );
    }
    return false;
  }
  for (const statement of statements) {
    refuseTransactionCommand(migration, statement);
    try {
      await client.query(statement.text);
    } catch (error) {
      throw failure(migration, statement, error);
    }
  }
  // What a file set for itself must not reach the history or the next one.
  await client.query("reset role; reset all");
  await client.query(
    "insert into supabase_migrations.schema_migrations (version, statements, name) values ($1, $2, $3)",
    [migration.version, statements.map(({ text }) => text), migration.name],
  );
  return true;
}

function refuseTransactionCommand(migration: Migration, statement: SqlStatement): void {
  if (!/^(begin|commit|end|rollback|abort|start\s+transaction|savepoint)\b/i.test(statement.text)) return;
  throw refuse(
    `${migration.fileName}:${statement.line} ends or opens a transaction.`,
    "Each file is one transaction already; remove the command.",
  );
}

/** An error that shows the file, the line and what the server said. */
function failure(migration: Migration, statement: SqlStatement, error: unknown): HealingError {
  const { position, detail, hint, where, code } = error as Partial<DatabaseError>;
  const place = position === undefined ? 0 : Number(position) - 1;
  // Postgres counts characters, JavaScript counts UTF-16 units; only the line matters here.
  const line = statement.line + lineAt([...statement.text].slice(0, place).join(""), Infinity) - 1;
  const words = [messageOf(error), detail, where?.split("\n")[0]].filter((word) => word !== undefined);
  return new HealingError("DATABASE_ERROR", `${migration.fileName}:${line}: ${words.join(" / ")}`, {
    hint: hint ?? "Nothing of this file was applied. Correct it and apply again.",
    details: { file: migration.fileName, line, sqlState: code, statement: statement.text.slice(0, 500) },
    cause: error,
  });
}
