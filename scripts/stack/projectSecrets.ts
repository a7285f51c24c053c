/** Puts the entries into Vault by which the database reaches the functions. @module */

import type { Pool } from "../../supabase/functions/_shared/postgres.ts";

/** Writes each secret under its name, over an older one. */
export async function writeVault(pool: Pool, secrets: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, secret] of Object.entries(secrets)) {
    const { rows } = await pool.query<{ id: string; decrypted_secret: string }>(
      "select id, decrypted_secret from vault.decrypted_secrets where name = $1",
      [name],
    );
    const [known] = rows;
    if (known === undefined) await pool.query("select vault.create_secret($1, $2)", [secret, name]);
    else if (known.decrypted_secret !== secret) {
      await pool.query("select vault.update_secret($1, $2)", [known.id, secret]);
    }
  }
}
