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
    const rows = await sql<{ version: string; name: string | null }>(
      "select version, name from supabase_migrations.schema_migrations",
    );
    // An installation may have given them versions behind the project's own; their names stay.
    const applied = new Set(rows.flatMap(({ version, name }) => [version, name]));
    const missing = reference.migrations.filter(({ version, fileName }) =>
      !applied.has(version) && !applied.has(fileName.slice(version.length + 1, -".sql".length))
    );
    if (missing.length === 0) return [well(`all ${reference.migrations.length} are applied`)];
    const names = some(missing.map(({ fileName }) => fileName));
    return [broken(`${missing.length} of ${reference.migrations.length} are missing: ${names}`, PUSH)];
  },
};
