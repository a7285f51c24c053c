/** A project of its own for the demo: fresh, in a temporary folder, gone at the end. @module */

import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import { Client } from "../../supabase/functions/_shared/postgres.ts";
import { createClient, rpcOverHttp } from "../../supabase/functions/_shared/supabaseClient.ts";
import { freshDataDir } from "../stack/dataDir.ts";
import { SEEDED_USERS } from "../stack/platform.ts";
import { FUNCTIONS_DIRECTORY, type Stack, type StackOptions, startStack } from "../stack/stack.ts";
import { print } from "../lib/print.ts";
import { until } from "./until.ts";

/** What a story uses. */
export interface DemoStage extends AsyncDisposable {
  readonly stack: Stack;
  /** The project's database, as its owner. */
  readonly database: Client;
  /** The project's SQL functions, as a signed-in admin. */
  readonly admin: RpcPort;
  /** Calls the dispatcher that cron calls, delivers its request, and waits until the run has ended. */
  runEngine(): Promise<void>;
  /** Calls a function as a client with the public key would. */
  call(name: string, body: unknown, key?: string): Promise<{ status: number; body: Record<string, unknown> }>;
}

const DEMO_FUNCTIONS = decodeURIComponent(new URL("./functions", import.meta.url).pathname);

/** What a stage may have besides. */
export type StageOptions = Pick<StackOptions, "dashboard" | "onProgress" | "apiPort">;

/** Starts the project, with its mistakes, and the switches as the demo needs them. */
export async function startDemoStage(options: StageOptions = {}): Promise<DemoStage> {
  await using started = new AsyncDisposableStack();
  const dataDir = await freshDataDir();
  const stack = started.use(
    await startStack({
      dataDir,
      durable: false,
      temporary: true,
      // Nothing runs by itself here: the demo calls what cron calls, so that it never waits for a minute.
      schedule: false,
      functionRoots: [FUNCTIONS_DIRECTORY, DEMO_FUNCTIONS],
      externalUrl: null,
      onProgress: (line) => print(`  ${line}`),
      ...options,
    }),
  );
  const database = new Client({ connectionString: stack.dbUrl });
  await database.connect();
  started.defer(() => database.end());
  await database.query(await Deno.readTextFile(new URL("./schema.sql", import.meta.url)));
  const admin = await signInAdmin(stack);
  await changeSetting(admin, "mode_database", "auto", "The demo shows automatic fixes");
  await changeSetting(admin, "validation_min_seconds", 0, "The demo does not wait ten minutes");
  const running = started.move();
  return {
    stack,
    database,
    admin,
    runEngine: () => runEngine(stack, database),
    call: (name, body, key) => callFunction(stack, name, body, key),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function signInAdmin(stack: Stack): Promise<RpcPort> {
  const { access_token } = await stack.signIn(SEEDED_USERS.admin.email);
  return rpcOverHttp(createClient(stack.url, stack.keys.publishable, {
    auth: { persistSession: false },
    global: { headers: { authorization: `Bearer ${access_token}` } },
  }));
}

function changeSetting(admin: RpcPort, key: string, value: unknown, reason: string): Promise<unknown> {
  return admin.call("change_healing_setting", { p_key: key, p_value: value, p_reason: reason });
}

async function runEngine(stack: Stack, database: Client): Promise<void> {
  await database.query("select dispatch_function('autonomous-healing-engine', 'demo')");
  await stack.drainNet();
  // A captured error may have called the engine as well; whichever run took the error, it has to be over.
  await until("the end of the runs", async () => {
    const { rows } = await database.query<{ status: string; reason: string | null }>(
      "select status, reason from healing_runs where status in ('dispatched', 'started', 'failed', 'lost')",
    );
    const broken = rows.find((run) => run.reason !== null);
    if (broken !== undefined) throw new Error(`a run is ${broken.status}: ${broken.reason}`);
    return rows.length === 0;
  });
}

async function callFunction(
  stack: Stack,
  name: string,
  body: unknown,
  key?: string,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${stack.url}/functions/v1/${name}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      apikey: stack.keys.publishable,
      ...(key === undefined ? {} : { "idempotency-key": key }),
    },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}
