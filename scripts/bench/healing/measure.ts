/** What each strategy adds to an error, against a local HTTP server and the embedded Postgres. @module */

import {
  flushErrors,
  type Reporter,
  withSelfHealing,
} from "../../../supabase/functions/_shared/errorInterceptor.ts";
import { captureErrors, recordRequestHeals } from "../../../supabase/functions/_shared/healingDb.ts";
import { Client } from "../../../supabase/functions/_shared/postgres.ts";
import { openContract } from "../../../tests/helpers/contract.ts";
import { createTestDatabase } from "../../../tests/helpers/database.ts";
import { ask, type FailingServer, startFailingServer } from "../../../tests/helpers/failingServer.ts";
import { HEALING_TRIALS, type HealingTrial, type TrialPlace } from "./trials.ts";

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
  rounds: number,
): Promise<number[]> {
  const added: number[] = [];
  for (let round = 0; round < rounds; round++) {
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

/** One strategy. */
export interface MeasuredStrategy {
  strategy: HealingTrial["strategy"];
  /** Milliseconds that it added to each error, sorted. */
  added: number[];
}

/** Where errors are reported, and what fails. */
export interface FailingPlace extends AsyncDisposable {
  server: FailingServer;
  reporter: () => Promise<Reporter>;
  trial: Omit<TrialPlace, "aside">;
}

/** Opens a database and a server. */
export async function openFailingPlace(): Promise<FailingPlace> {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await createTestDatabase());
  const contract = opened.use(await openContract(database));
  const server = opened.use(startFailingServer(answer));
  const connect = async () => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    return client;
  };
  let client = await connect();
  opened.defer(() => client.end());
  opened.defer(flushErrors);
  const resources = opened.move();
  return {
    server,
    reporter: () =>
      Promise.resolve<Reporter>({
        capture: (errors) => captureErrors(contract.rpc, errors),
        healed: (heals) => recordRequestHeals(contract.rpc, heals),
      }),
    trial: {
      query: (text: string) => client.query(text),
      reconnect: async () => {
        await client.end();
        client = await connect();
      },
      askOther: () => ask(`${server.url}/other`),
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** Every strategy on its trial, so many times. */
export async function measureTrials(place: FailingPlace, rounds: number): Promise<MeasuredStrategy[]> {
  const measured: MeasuredStrategy[] = [];
  for (const trial of HEALING_TRIALS) {
    const added = await measure(trial, place.server, place.trial, place.reporter, rounds);
    measured.push({ strategy: trial.strategy, added });
  }
  return measured;
}

/** The same in a place of its own. */
export async function measureStrategies(rounds: number): Promise<MeasuredStrategy[]> {
  await using place = await openFailingPlace();
  return await measureTrials(place, rounds);
}
