/** The engine's function on a test database, called as machines and admins call it. @module */

import {
  createHandler,
  type HandlerDependencies,
} from "../../supabase/functions/autonomous-healing-engine/handler.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import type { PlatformSettings } from "../../supabase/functions/_shared/core/settings.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { type Contract, openContract, setSetting } from "./contract.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";

/** The key of a machine. */
export const MACHINE_KEY = "a-machine-key-of-some-length";

/** What the platform tells the function. */
export const MACHINE_SETTINGS: PlatformSettings = {
  url: "http://project.test",
  publishableKey: "public-key",
  secretKeys: [MACHINE_KEY],
  machineKeys: [MACHINE_KEY],
  databaseUrl: undefined,
};

/** What one attempt of the monitor came to. */
interface Attempt {
  attempt: string;
  outcome: string;
  reason: string;
  fixId: string;
}

/** What one cycle would do. */
interface Plan {
  cycle: string;
  reason?: string;
  items: [PlanItem, ...PlanItem[]];
}

interface PlanItem {
  decision: string;
  reason: string;
  whatWillHappen?: string;
}

/** The parts of answers that tests read. */
export interface Answer {
  code: string;
  hint: string;
  run_id: string;
  // Figures, and what is told beside them.
  counters: Record<string, unknown> & {
    failed_cycles: Record<string, string>;
    busy_cycles: Record<string, string>;
  };
  plan: [Plan, Plan, Plan, ...Plan[]];
  healed: boolean;
  busy: boolean;
  errorId: string;
  attempts: [Attempt, Attempt, Attempt, Attempt];
}

/** A function that answers on a database of its own. */
export interface FunctionServer extends AsyncDisposable {
  database: TestDatabase;
  contract: Contract;
  /** Calls it as a machine; the answer's status and body. */
  call<Body = Answer>(body: object): Promise<{ status: number; body: Body }>;
}

/** Serves a function by what makes its handler. */
export async function serveFunction(
  make: (database: TestDatabase, contract: Contract) => (request: Request) => Promise<Response>,
): Promise<FunctionServer> {
  const database = await createTestDatabase();
  const contract = await openContract(database);
  await setSetting(contract.rpc, "mode_database", "auto");
  const handler = make(database, contract);
  return {
    database,
    contract,
    async call<Body>(body: object) {
      const answer = await handler(
        new Request("http://project.test/functions/v1/function", {
          method: "POST",
          headers: { apikey: MACHINE_KEY },
          body: JSON.stringify(body),
        }),
      );
      return { status: answer.status, body: await answer.json() as Body };
    },
    async [Symbol.asyncDispose]() {
      await contract[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Serves the engine. */
export function serveEngine(changes: Partial<HandlerDependencies> = {}): Promise<FunctionServer> {
  return serveFunction((database, contract) =>
    createHandler({
      settings: MACHINE_SETTINGS,
      db: contract.rpc,
      openDirect: () => openDirectConnection(database.url),
      invoke: undefined,
      instanceId: "test",
      logger: silentLogger,
      ...changes,
    })
  );
}
