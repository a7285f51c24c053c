/**
 * Makes a database look like a Supabase project: roles, schemas and services of the platform, as far as
 * migrations and functions of ours meet them.
 *
 * @module
 */

import { HealingError, messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { Client } from "../../supabase/functions/_shared/postgres.ts";

/** The people who can sign in on the embedded stack. */
export const SEEDED_USERS = {
  admin: {
    id: "00000000-0000-4000-8000-000000000001",
    email: "admin@example.com",
    password: "admin-password",
  },
  plain: { id: "00000000-0000-4000-8000-000000000002", email: "user@example.com", password: "user-password" },
} as const;

/** What a database got. */
export interface Platform {
  /** Who runs the rows of `cron.job`: the extension itself, or our scheduler. */
  cron: "pg_cron" | "standIn";
}

/** What pg_cron and its stand-in have in common: whose they are. */
const CRON_GRANTS = `
grant usage on schema cron to postgres with grant option;
grant execute on all functions in schema cron to postgres with grant option;
revoke all on cron.job from postgres;
grant select on cron.job to postgres with grant option;
grant select, insert, update, delete, truncate on cron.job_run_details to postgres with grant option;`;

/** Two databases that are made at once meet in the cluster's table of roles. */
const COLLISIONS = new Set(["XX000", "23505", "42710", "40001", "40P01"]);

/** Applies the stand-in; the connection must be a superuser's. Safe to repeat. */
export async function applyPlatform(superuserUrl: string): Promise<Platform> {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await requireSuperuser(client);
    for (const name of ["platform.sql", "platformServices.sql"]) await applyFile(client, name);
    const cron = await applyCron(client);
    await client.query(CRON_GRANTS);
    return { cron };
  } finally {
    await client.end();
  }
}

async function requireSuperuser(client: Client): Promise<void> {
  const { rows } = await client.query(
    "select current_user as name, current_setting('is_superuser') as answer",
  );
  if (rows[0].answer === "on") return;
  throw new HealingError("FORBIDDEN", `Role ${rows[0].name} cannot set up the platform's stand-in.`, {
    hint: "Connect as a superuser, or use a database that already is a Supabase project.",
  });
}

async function applyFile(client: Client, name: string): Promise<void> {
  const text = await Deno.readTextFile(new URL(`./${name}`, import.meta.url));
  for (let attempt = 1;; attempt++) {
    try {
      await client.query(`begin; ${text}\n; commit;`);
      return;
    } catch (error) {
      await client.query("rollback");
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      if (attempt < 5 && COLLISIONS.has(code)) continue;
      throw new HealingError("DATABASE_ERROR", `Cannot apply ${name}: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** The real pg_cron where this database may have it, otherwise the stand-in. */
async function applyCron(client: Client): Promise<Platform["cron"]> {
  const { rows } = await client.query(
    `select exists (select from pg_catalog.pg_extension where extname = 'pg_cron') as installed,
            exists (select from pg_catalog.pg_available_extensions where name = 'pg_cron')
              and current_setting('cron.database_name', true) = current_database() as possible`,
  );
  if (!rows[0].installed && !rows[0].possible) {
    await applyFile(client, "platformCron.sql");
    return "standIn";
  }
  await client.query("create extension if not exists pg_cron with schema pg_catalog");
  return "pg_cron";
}
