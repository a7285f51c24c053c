/** How long healing takes: a row, a failing call, a migration. Plain code does not heal: it answers with the error. @module */

import { createResilientDb } from "../../../supabase/functions/_shared/resilientDbWrapper.ts";
import { rpcOverHttp } from "../../../supabase/functions/_shared/supabaseClient.ts";
import { startScratchServer } from "../../lib/scratchServer.ts";
import { quantileOf } from "../../lib/simulation.ts";
import { measureStrategies } from "../healing/measure.ts";
import { secondsToHeal } from "../migrationStory.sim.ts";
import { isTaken, openPlace } from "./place.ts";
import { type PromiseBench, type PromiseRow, scaled, spreadText } from "./promise.ts";

const ROWS = 100;
const ROUNDS = 20;
const MIGRATIONS = 5;
const LIMIT_MS = 200;
const PROMISE = "healing in 45–200 ms";

function rowOf(measured: string, without: string, times: readonly number[]): PromiseRow {
  return {
    promise: PROMISE,
    measured,
    without,
    withIt: spreadText(times),
    isKept: quantileOf(times, 0.95) <= LIMIT_MS,
  };
}

async function rowTimes(share: number): Promise<PromiseRow[]> {
  await using place = await openPlace();
  const rpc = rpcOverHttp(place.client);
  const count = scaled(ROWS, share, 5);
  const known = createResilientDb(rpc);
  const times = { fresh: [] as number[], known: [] as number[] };
  let plain = 0;
  for (let n = 0; n < count; n++) {
    const row = { sender: "user", message: `message ${n}` };
    if (await isTaken(place.client, "notes", [row])) plain++;
    for (const [name, db] of [["fresh", createResilientDb(rpc)], ["known", known]] as const) {
      const startedAt = performance.now();
      await db.insert("notes", row);
      times[name].push(performance.now() - startedAt);
    }
  }
  const without = `healed: ${plain} of ${count}`;
  return [
    rowOf(
      "a row with other keys than the table, new isolate",
      without,
      times.fresh,
    ),
    rowOf("a row with other keys than the table, isolate that knows it", without, times.known),
  ];
}

async function callTimes(share: number): Promise<PromiseRow> {
  const trials = await measureStrategies(scaled(ROUNDS, share, 2));
  const times = trials.flatMap(({ added }) => added);
  return rowOf(
    `a call that fails: what the ${trials.length} strategies add to calls and pauses`,
    `healed: 0 of ${times.length}`,
    times,
  );
}

async function migrationTimes(share: number): Promise<PromiseRow> {
  await using server = await startScratchServer();
  const times: number[] = [];
  for (let run = 0; run < scaled(MIGRATIONS, share); run++) {
    times.push(1_000 * await secondsToHeal(await server.createDatabase()));
  }
  return rowOf(
    "a migration that misses an extension",
    `healed: 0 of ${times.length}`,
    times,
  );
}

/** Times to heal. */
export const healingTimePromises: PromiseBench = {
  name: "healing times",
  measure: async (share) => [...await rowTimes(share), await callTimes(share), await migrationTimes(share)],
};
