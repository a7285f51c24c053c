/**
 * What healing inside a request adds to each error, strategy by strategy, against a local HTTP server and the embedded
 * Postgres: from the failure to the answer, less the strategy's own work (the call that it makes again, the connection
 * that it opens) and less its pause.
 *
 * Fails when a strategy adds more than 200 ms on average, when another one healed than the one on trial, or when a
 * target that fails always gets more than 1.2 times the load.
 *
 * @module
 */

import {
  flushErrors,
  type Reporter,
  withSelfHealing,
} from "../../supabase/functions/_shared/errorInterceptor.ts";
import { captureErrors, recordRequestHeals } from "../../supabase/functions/_shared/healingDb.ts";
import { Client } from "../../supabase/functions/_shared/postgres.ts";
import { openContract } from "../../tests/helpers/contract.ts";
import { createTestDatabase } from "../../tests/helpers/database.ts";
import { ask, type FailingServer, startFailingServer } from "../../tests/helpers/failingServer.ts";
import { print, printError } from "../lib/print.ts";
import { printTable } from "../lib/printTable.ts";
import { HEALING_TRIALS, type HealingTrial, type TrialPlace } from "./healing/trials.ts";

const ROUNDS = 30;
const LIMIT_MS = 200;
const STORM_CALLS = 400;
const NO_PAUSE = { next: () => 0, uuid: () => crypto.randomUUID() };

/** Fails the first time that a path is asked, and always below `/down`. */
function answer(request: Request, count: number): Response {
  const { searchParams, pathname } = new URL(request.url);
  if (pathname === "/other" || (count > 1 && !pathname.startsWith("/down"))) return new Response("good");
  const retryAfter = searchParams.get("retry-after");
  return new Response("bad", {
    status: Number(searchParams.get("status") ?? 503),
    headers: retryAfter === null ? {} : { "retry-after": retryAfter },
  });
}

/** Added milliseconds of each round, sorted; throws when another strategy healed. */
async function measure(
  trial: HealingTrial,
  server: FailingServer,
  place: Omit<TrialPlace, "aside">,
  reporter: () => Promise<Reporter>,
): Promise<number[]> {
  const added: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const path = `/${trial.strategy}/${round}?status=${trial.status}&retry-after=${trial.retryAfter ?? "0"}`;
    let [own, failedAt, by] = [0, 0, "nothing"];
    const aside = async <Value>(work: () => Promise<Value>): Promise<Value> => {
      const startedAt = performance.now();
      try {
        return await work();
      } finally {
        own += performance.now() - startedAt;
      }
    };
    const call = withSelfHealing(async (): Promise<string | undefined> => {
      try {
        return await aside(() => ask(`${server.url}${path}`));
      } catch (error) {
        [own, failedAt] = [0, performance.now()];
        throw trial.code === undefined ? error : Object.assign(new Error("refused"), { code: trial.code });
      }
    }, {
      functionName: `bench ${trial.strategy} ${round}`,
      effect: trial.effect,
      reporter,
      random: NO_PAUSE,
      means: () => trial.means({ ...place, aside }),
      onOutcome: (outcome) => by = "by" in outcome ? outcome.by : outcome.kind,
    });
    await call().catch(() => {});
    added.push(performance.now() - failedAt - own);
    if (by !== trial.strategy) throw new Error(`${trial.strategy} was on trial, and ${by} came of it`);
  }
  return added.sort((a, b) => a - b);
}

function rowOf(
  { strategy }: HealingTrial,
  added: readonly number[],
): Record<string, unknown> & { mean: number } {
  const mean = added.reduce((sum, ms) => sum + ms, 0) / added.length;
  return {
    strategy,
    mean,
    "mean (ms)": mean.toFixed(1),
    "median (ms)": added[Math.floor(added.length / 2)]!.toFixed(1),
    "most (ms)": added.at(-1)!.toFixed(1),
  };
}

/** Requests that a target which always fails gets through a wrapped function inside a wrapped handler. */
async function storm(server: FailingServer, reporter: () => Promise<Reporter>): Promise<number> {
  const inner = withSelfHealing(() => ask(`${server.url}/down`), {
    functionName: "bench storm: inner",
    effect: "read",
    reporter,
    means: () => ({
      cache: { read: () => undefined, clear: () => {} },
      connection: { reset: () => {} },
      endpoints: [{ name: "other", call: () => ask(`${server.url}/down-too`) }],
    }),
  });
  const outer = withSelfHealing(async () => new Response(await inner()), {
    functionName: "bench storm: outer",
    reporter,
  });
  for (let made = 0; made < STORM_CALLS; made += 20) {
    await Promise.all(Array.from({ length: 20 }, () => outer(new Request("http://project.test/"))));
  }
  return server.requests.get("/down") ?? 0;
}

async function main(): Promise<string[]> {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await using server = startFailingServer(answer);
  const connect = async () => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    return client;
  };
  let client = await connect();
  const reporter = () =>
    Promise.resolve<Reporter>({
      capture: (errors) => captureErrors(contract.rpc, errors),
      healed: (heals) => recordRequestHeals(contract.rpc, heals),
    });
  const place = {
    query: (text: string) => client.query(text),
    reconnect: async () => {
      await client.end();
      client = await connect();
    },
    askOther: () => ask(`${server.url}/other`),
  };
  const rows = [];
  for (const trial of HEALING_TRIALS) rows.push(rowOf(trial, await measure(trial, server, place, reporter)));
  print(`\nAdded to an error, of ${ROUNDS} each:`);
  printTable(rows.map(({ mean: _, ...row }) => row));
  const requests = await storm(server, reporter);
  print(`\n${requests} requests for ${STORM_CALLS} calls of a target that fails always, through two layers.`);
  await flushErrors();
  await client.end();
  return [
    ...rows.filter(({ mean }) => mean > LIMIT_MS).map(({ strategy }) =>
      `${strategy} adds more than ${LIMIT_MS} ms`
    ),
    ...(requests > 1.2 * STORM_CALLS ? ["the storm got more than 1.2 times the load"] : []),
  ];
}

const broken = await main();
for (const problem of broken) printError(problem);
Deno.exit(broken.length > 0 ? 1 : 0);
