/** The server of a bench: a template with platform, migrations and what rows name, and a clone of it for each row. @module */

import { Client } from "../../supabase/functions/_shared/postgres.ts";
import { runSql } from "../lib/scratchServer.ts";
import { freshDataDir } from "../stack/dataDir.ts";
import { applyMigrations } from "../stack/migrate.ts";
import { applyPlatform } from "../stack/platform.ts";
import { startPostgres } from "../stack/postgres.ts";

/** A database of one row. */
export interface BenchDatabase extends AsyncDisposable {
  /** As `postgres`, who is no superuser. */
  readonly url: string;
  readonly superuserUrl: string;
  /** Opens a connection that ends with the database. */
  connect(user: "postgres" | "superuser"): Promise<Client>;
}

/** A server with its template. */
export interface BenchServer extends AsyncDisposable {
  readonly version: string;
  clone(): Promise<BenchDatabase>;
}

const TEMPLATE = "healbench_template";

/** Starts an embedded server, or joins the one of a superuser's connection string, and builds the template. */
export async function startBenchServer(
  url: string | undefined,
  onProgress: (message: string) => void,
): Promise<BenchServer> {
  const postgres = await startPostgres({
    dataDir: url === undefined ? await freshDataDir() : "",
    durable: false,
    temporary: true,
    externalUrl: url ?? null,
  });
  try {
    const base = url ?? postgres.url();
    await buildTemplate(base, onProgress);
    onProgress(`Postgres ${postgres.version}, ${postgres.source}: the template is ready.`);
    let count = 0;
    const prefix = `healbench_${Deno.pid}_`;
    return {
      version: postgres.version,
      clone: () => clone(base, `${prefix}${++count}`),
      async [Symbol.asyncDispose]() {
        if (url !== undefined) await runSql(base, `drop database if exists ${TEMPLATE}`);
        await postgres.stop();
      },
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

async function buildTemplate(base: string, onProgress: (message: string) => void): Promise<void> {
  await runSql(base, `drop database if exists ${TEMPLATE} with (force)`);
  await runSql(base, `create database ${TEMPLATE}`);
  const template = withDatabase(base, TEMPLATE);
  await applyPlatform(template);
  const [role] = await runSql<{ rolsuper: boolean }>(
    template,
    "select rolsuper from pg_catalog.pg_roles where rolname = 'postgres'",
  );
  // On the platform it is none; here the rows are broken and healed all the same, under the roles that they name.
  if (role?.rolsuper) {
    onProgress("On this server postgres is a superuser, who misses no grant: rows about grants say less.");
  }
  await applyMigrations(withDatabase(base, TEMPLATE, "postgres"));
  await runSql(template, await Deno.readTextFile(new URL("template.sql", import.meta.url)));
}

async function clone(base: string, name: string): Promise<BenchDatabase> {
  await runSql(base, `create database ${name} template ${TEMPLATE} owner postgres`);
  const clients: Client[] = [];
  const urls = { superuser: withDatabase(base, name), postgres: withDatabase(base, name, "postgres") };
  return {
    url: urls.postgres,
    superuserUrl: urls.superuser,
    async connect(user) {
      const client = new Client({ connectionString: urls[user], application_name: "healbench" });
      client.on("error", () => {});
      await client.connect();
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.end().catch(() => {});
      await runSql(base, `drop database if exists ${name} with (force)`);
    },
  };
}

function withDatabase(base: string, database: string, user?: string): string {
  const url = new URL(base);
  url.pathname = `/${database}`;
  if (user === undefined || url.username === user) return url.href;
  url.username = user;
  // A password is its owner's; `PGPASSWORD` may hold the one of this role.
  url.password = Deno.env.get("PGPASSWORD") ?? "";
  return url.href;
}
