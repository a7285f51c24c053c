/** Reads the catalogue of what the migrations build; the server starts with the first question. @module */

import { Client } from "../../supabase/functions/_shared/postgres.ts";
import type { Rows } from "./gate.ts";
import { type ScratchServer, startScratchServer } from "./scratchServer.ts";

/** Both readers and the server behind them. */
export interface CatalogueReader extends AsyncDisposable {
  rows: Rows;
  generousRows: Rows;
}

/** A reader that costs nothing until it is asked. */
export function createCatalogueReader(): CatalogueReader {
  let server: Promise<ScratchServer> | undefined;
  const clients = new Map<string, Promise<Client>>();

  async function connect(grants: "strict" | "generous"): Promise<Client> {
    const { createDatabase } = await (server ??= startScratchServer());
    const client = new Client({ connectionString: await createDatabase({ grants }) });
    await client.connect();
    // Names in expressions are printed with their schema, whatever the role's own path is.
    await client.query("set search_path = ''");
    return client;
  }
  function readerOf(grants: "strict" | "generous"): Rows {
    return async <Row extends object>(sql: string) => {
      const client = clients.get(grants) ?? connect(grants);
      clients.set(grants, client);
      return (await (await client).query<Row>(sql)).rows;
    };
  }
  return {
    rows: readerOf("strict"),
    generousRows: readerOf("generous"),
    async [Symbol.asyncDispose]() {
      for (const client of clients.values()) await (await client.catch(() => undefined))?.end();
      await (await server?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
}
