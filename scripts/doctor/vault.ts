/** Whether the schedules know where to call and with which key. @module */

import { broken, type Examination, type Finding, well } from "./examination.ts";

/** Looks at the entries of Vault; a secret itself is never shown. */
export const vault: Examination = {
  name: "Vault",
  look: async ({ sql, apiUrl }) => {
    const [kept] = await sql<{ here: boolean }>(
      "select to_regclass('vault.decrypted_secrets') is not null as here",
    );
    if (!kept!.here) return [broken("there is no Vault", "create extension supabase_vault")];
    const [entries] = await sql<{ url: string | null; length: number | null }>(
      `select max(decrypted_secret) filter (where name = 'project_url') as url,
         max(length(decrypted_secret)) filter (where name = 'cron_secret_key') as length from vault.decrypted_secrets`,
    );
    return [judgeUrl(entries!.url, apiUrl), judgeKey(entries!.length)];
  },
};

function judgeUrl(url: string | null, apiUrl: string | undefined): Finding {
  const next = `select vault.create_secret('${apiUrl ?? "https://<ref>.supabase.co"}', 'project_url');`;
  if (!url) return broken("no entry project_url: schedules do not know where to call", next);
  if (!URL.canParse(url)) return broken("the entry project_url is not an address", renew("project_url"));
  if (apiUrl !== undefined && new URL(url).origin !== new URL(apiUrl).origin) {
    return broken(
      `project_url calls ${new URL(url).origin}, not ${new URL(apiUrl).origin}`,
      renew("project_url"),
    );
  }
  return well(`schedules call ${new URL(url).origin}`);
}

function judgeKey(length: number | null): Finding {
  if (!length) {
    return broken(
      "no entry cron_secret_key: schedules have no key",
      "select vault.create_secret('<a secret key of the project, or the value of CRON_SECRET>', 'cron_secret_key');",
    );
  }
  // A shorter one counts as unset in the functions.
  if (length < 16) return broken("cron_secret_key is shorter than 16 characters", renew("cron_secret_key"));
  return well("schedules have a key; whether functions take it, the run below shows");
}

function renew(name: string): string {
  return `select vault.update_secret((select id from vault.secrets where name = '${name}'), '<value>');`;
}
