/** What this version should have made of a project: read from its own files. @module */

import { parseSchema } from "../lib/schemaDump.ts";
import { readMigrations } from "../stack/migrate.ts";
import { readFunctions } from "../stack/functionSettings.ts";

/** A project as it should be. */
export interface Reference {
  /** Migrations by version, the fourteen digits. */
  migrations: { version: string; fileName: string }[];
  /** The lines of each object of the schema, by the object's heading. */
  schema: Map<string, string[]>;
  /** What pg_cron should run. */
  jobs: { name: string; schedule: string }[];
  /** Our edge functions, which ask by themselves who is calling; what an author has added beside them is theirs. */
  functions: { name: string }[];
}

const JOB = /'(healing_[a-z_]+)',\s+'([-0-9*/, ]{9,})'/g;

/** Reads what the files of this version build. */
export async function readReference(root: string): Promise<Reference> {
  const migrations = await readMigrations(`${root}/supabase/migrations`);
  const jobs = migrations.flatMap(({ text }) =>
    [...text.matchAll(JOB)].map(([, name, schedule]) => ({ name: name!, schedule: schedule! }))
  );
  const functions = await readFunctions([`${root}/supabase/functions`]);
  return {
    migrations: migrations.map(({ version, fileName }) => ({ version, fileName })),
    schema: parseSchema(await Deno.readTextFile(`${root}/tests/golden/schema.txt`)),
    jobs,
    functions: functions.values().filter(({ verifyJwt }) => !verifyJwt).map(({ name }) => ({ name }))
      .toArray(),
  };
}
