/** Runs a seed file when it is new or has changed, and remembers it where the Supabase CLI does. @module */

import { HealingError, messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { sha256 } from "../../supabase/functions/_shared/core/sha256.ts";
import { Client } from "../../supabase/functions/_shared/postgres.ts";

/** Applies the file in one transaction; false when this very text was applied before. */
export async function applySeed(url: string, file: string): Promise<boolean> {
  const text = await Deno.readTextFile(file).catch((error) => {
    throw new HealingError("NOT_FOUND", `Cannot read the seed file ${file}: ${messageOf(error)}`, {
      hint: "Check its path, or start without a seed.",
      cause: error,
    });
  });
  const hash = await sha256(text);
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("begin");
    const isNew = await remember(client, file, hash);
    if (isNew) await client.query(text);
    await client.query("commit");
    return isNew;
  } catch (error) {
    throw new HealingError("DATABASE_ERROR", `Cannot apply ${file}: ${messageOf(error)}`, {
      hint: "Nothing of the seed was applied. Correct it and start again.",
      cause: error,
    });
  } finally {
    await client.end();
  }
}

async function remember(client: Client, file: string, hash: string): Promise<boolean> {
  await client.query(
    "create table if not exists supabase_migrations.seed_files (path text primary key, hash text not null)",
  );
  const { rowCount } = await client.query(
    `insert into supabase_migrations.seed_files as known (path, hash) values ($1, $2)
     on conflict (path) do update set hash = excluded.hash where known.hash <> excluded.hash`,
    [file, hash],
  );
  return rowCount === 1;
}
