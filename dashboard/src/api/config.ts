/** Where the dashboard's project is: read at run time from `config.json` beside the page, so that one build serves all. @module */

/** What `config.json` says. */
export interface DashboardConfig {
  /** The project, for example `https://abcdefgh.supabase.co`. */
  supabaseUrl: string;
  /** The publishable key, `sb_publishable_…`; never a secret one. */
  publishableKey: string;
  /** Whether the project has Realtime; without it the dashboard asks again every few seconds. */
  realtime: boolean;
}

/** Reads and checks the configuration; throws a sentence that says what is wrong with it. */
export async function readConfig(): Promise<DashboardConfig> {
  const answer = await fetch("./config.json", { cache: "no-store" });
  if (!answer.ok) {
    throw new Error(
      `config.json is missing beside the page: its host answers ${answer.status}.`,
    );
  }
  const value: unknown = await answer.json().catch(() => undefined);
  const { supabaseUrl, publishableKey, realtime = true } = (value ?? {}) as Partial<DashboardConfig>;
  if (typeof supabaseUrl !== "string" || !/^https?:\/\//.test(supabaseUrl)) {
    throw new Error(
      "config.json has no supabaseUrl, such as https://abcdefgh.supabase.co.",
    );
  }
  if (typeof publishableKey !== "string" || publishableKey === "") {
    throw new Error("config.json has no publishableKey.");
  }
  if (publishableKey.startsWith("sb_secret_")) {
    throw new Error(
      "config.json holds a secret key, which anybody can read here. Revoke it, and use the publishable key.",
    );
  }
  return { supabaseUrl, publishableKey, realtime };
}
