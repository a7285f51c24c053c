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

import { type Reporter, withSelfHealing } from "../../supabase/functions/_shared/errorInterceptor.ts";
import { ask, type FailingServer } from "../../tests/helpers/failingServer.ts";
import { print, printError } from "../lib/print.ts";
import { printTable } from "../lib/printTable.ts";
import { type MeasuredStrategy, measureTrials, openFailingPlace } from "./healing/measure.ts";

const ROUNDS = 30;
const LIMIT_MS = 200;
const STORM_CALLS = 400;

function rowOf(
  { strategy, added }: MeasuredStrategy,
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
  await using place = await openFailingPlace();
  const rows = (await measureTrials(place, ROUNDS)).map(rowOf);
  print(`\nAdded to an error, of ${ROUNDS} each:`);
  printTable(rows.map(({ mean: _, ...row }) => row));
  const requests = await storm(place.server, place.reporter);
  print(`\n${requests} requests for ${STORM_CALLS} calls of a target that fails always, through two layers.`);
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
