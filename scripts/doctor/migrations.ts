/** Whether every migration of this version was applied. @module */

import { broken, type Examination, some, well } from "./examination.ts";

const PUSH = "npx supabase db push";

/** Compares the project's history with the files. */
export const migrations: Examination = {
  name: "Migrations",
  look: async ({ sql, reference }) => {
    const [history] = await sql<{ made: boolean }>(
      "select to_regclass('supabase_migrations.schema_migrations') is not null as made",
    );
    if (!history!.made) return [broken("no migration was ever applied", PUSH)];
    const rows = await sql<{ version: string }>("select version from supabase_migrations.schema_migrations");
    const applied = new Set(rows.map(({ version }) => version));
    const missing = reference.migrations.filter(({ version }) => !applied.has(version));
    if (missing.length === 0) return [well(`all ${reference.migrations.length} are applied`)];
    const names = some(missing.map(({ fileName }) => fileName));
    return [broken(`${missing.length} of ${reference.migrations.length} are missing: ${names}`, PUSH)];
  },
};
