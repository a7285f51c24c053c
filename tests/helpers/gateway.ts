/** A gateway on a database of its own, and supabase-js clients that talk to it without a socket. @module */

import { AuthServer } from "../../scripts/stack/auth.ts";
import { AuthStore } from "../../scripts/stack/authStore.ts";
import { createGateway, type Gateway, type GatewayOptions } from "../../scripts/stack/gateway.ts";
import { signJwt } from "../../scripts/stack/jwt.ts";
import { createKeys, type StackKeys } from "../../scripts/stack/keys.ts";
import { openPool } from "../../scripts/stack/pool.ts";
import { RoutineCatalog } from "../../scripts/stack/routines.ts";
import { systemClock } from "../../supabase/functions/_shared/core/clock.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import { systemRandom } from "../../supabase/functions/_shared/core/random.ts";
import type { Pool } from "../../supabase/functions/_shared/postgres.ts";
import { createClient, type SupabaseClient } from "../../supabase/functions/_shared/supabaseClient.ts";
import { createTestDatabase } from "./database.ts";
import type { TestDatabase } from "./testDatabase.ts";
import { withDatabase } from "./testServer.ts";

/** Where the gateway pretends to be. */
export const GATEWAY_URL = "http://gateway.test";

/** What a test of the gateway uses. */
export interface TestGateway {
  readonly database: TestDatabase;
  readonly keys: StackKeys;
  readonly catalog: RoutineCatalog;
  readonly gateway: Gateway;
  /** A client with this key, and with this user's token when one is given. */
  client(key: string, token?: string): SupabaseClient;
  /** A bare request below the address of the gateway, with the secret key unless headers say otherwise. */
  send(path: string, init?: RequestInit): Promise<Response>;
  /** Ends connections and database. */
  close(): Promise<void>;
  /** A token of this gateway for these claims. */
  token(claims: Record<string, unknown>): Promise<string>;
}

/** Opens the gateway; `schema` is SQL that is run as the owner first. */
export async function openGateway(
  schema = "",
  options: Partial<GatewayOptions> = {},
): Promise<TestGateway> {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await createTestDatabase());
  const pool = poolOf(withDatabase(database.superuserUrl, database.name, "authenticator"), opened);
  const superuser = poolOf(database.superuserUrl, opened);
  const keys = await createKeys();
  const auth = new AuthServer({
    store: new AuthStore(superuser),
    jwtSecret: keys.jwtSecret,
    issuer: `${GATEWAY_URL}/auth/v1`,
    clock: systemClock,
    random: systemRandom,
  });
  const catalog = new RoutineCatalog();
  const gateway = createGateway({ pool, keys, auth, catalog, logger: silentLogger, ...options });
  if (schema !== "") await database.query(schema);
  const running = opened.move();
  return {
    database,
    keys,
    catalog,
    gateway,
    client: (key, token) => clientOf(gateway, key, token),
    send: (path, init = {}) => {
      const headers = init.headers ?? { apikey: keys.secret };
      return gateway(new Request(`${GATEWAY_URL}${path}`, { ...init, headers }));
    },
    token: (claims) => signJwt(claims, keys.jwtSecret),
    close: () => running.disposeAsync(),
  };
}

function clientOf(gateway: Gateway, key: string, token?: string): SupabaseClient {
  return createClient(GATEWAY_URL, key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: {
      fetch: (input, init) => gateway(new Request(input, init)),
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    },
  });
}

function poolOf(connectionString: string, opened: AsyncDisposableStack): Pool {
  const pool = openPool(connectionString, 5);
  opened.defer(() => pool.end());
  return pool;
}
