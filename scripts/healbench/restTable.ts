/** A table in the bench's database and the data interface before it, for what the library really sends: calls of functions. @module */

import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import { quoted } from "../../supabase/functions/_shared/core/sqlNames.ts";
import type { Client } from "../../supabase/functions/_shared/postgres.ts";
import { createGateway } from "../stack/gateway.ts";
import { createKeys, type StackKeys } from "../stack/keys.ts";
import { openPool } from "../stack/pool.ts";
import type { BenchDatabase } from "./server.ts";
import type { StandInRequest } from "./standIn.ts";

/** What is behind a stand-in. */
export interface RestTable extends AsyncDisposable {
  name: string;
  keys: StackKeys;
  client: Client;
  /** Hands a request that is in order on to the database. */
  answer(request: StandInRequest): Promise<Response>;
  /** The rows as they are now, by their first column. */
  rows(): Promise<Record<string, unknown>[]>;
}

/** Makes the table, with these columns, and takes it away in the end. */
export async function openRestTable(
  database: BenchDatabase,
  name: string,
  columns: string,
): Promise<RestTable> {
  await using opened = new AsyncDisposableStack();
  const client = await database.connect("superuser");
  await client.query(`drop table if exists public.${quoted(name)} cascade`);
  await client.query(`create table public.${quoted(name)} (${columns})`);
  await client.query(`grant all on public.${quoted(name)} to service_role`);
  opened.defer(async () => void await client.query(`drop table if exists public.${quoted(name)} cascade`));
  const pool = openPool(database.superuserUrl, 2);
  opened.defer(() => pool.end());
  const keys = await createKeys();
  const gateway = createGateway({ pool, keys, logger: silentLogger });
  const running = opened.move();
  return {
    name,
    keys,
    client,
    answer: ({ method, url, headers, body }) =>
      gateway(
        new Request(`http://gateway${url}`, {
          method,
          headers,
          ...(method === "GET" || method === "HEAD" ? {} : { body: JSON.stringify(body) }),
        }),
      ),
    rows: async () =>
      (await client.query<Record<string, unknown>>(`select * from public.${quoted(name)} order by 1`)).rows,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
