/**
 * How long one isolate acts on what another one, or the database, knows better: columns that were renamed, a target that is
 * down, a key whose column was learned.
 *
 * @module
 */

import { CircuitBreaker } from "../../../supabase/functions/_shared/circuitBreaker.ts";
import { systemClock } from "../../../supabase/functions/_shared/core/clock.ts";
import type { RpcPort } from "../../../supabase/functions/_shared/core/ports.ts";
import { breakerStore } from "../../../supabase/functions/_shared/healingDb.ts";
import { createResilientDb } from "../../../supabase/functions/_shared/resilientDbWrapper.ts";
import { rpcOverHttp } from "../../../supabase/functions/_shared/supabaseClient.ts";
import { FakeClock } from "../../../tests/helpers/fakeClock.ts";
import { runSql } from "../../lib/scratchServer.ts";
import { quantileOf } from "../../lib/simulation.ts";
import type { WritingPlace } from "../contests/writes.ts";
import { countOf, isTaken, openPlace } from "./place.ts";
import { type PromiseBench, type PromiseRow, scaled } from "./promise.ts";
import { startTicketIsolate, startTicketModel } from "./tickets.ts";

const PROMISE = "staleness < 1 s";
const LIMIT_MS = 1_000;
const WRITES = 20;
const BREAKERS = 20;
/** Longer than any isolate keeps anything. */
const PATIENCE_S = 900;
/** After a column was renamed: how many writes of an isolate that knew the table before are not in it. */
async function renamedColumn(place: WritingPlace): Promise<PromiseRow> {
  const db = createResilientDb(rpcOverHttp(place.client));
  const letter = (from: string) => ({ userName: from, content: "Hello" });
  const write = async (count: number) => {
    for (let n = 0; n < count; n++) {
      await isTaken(place.client, "letters", [letter("plain")]);
      await db.insertMany("letters", [letter("ours")]);
    }
  };
  await write(3);
  await runSql(
    place.stack.dbUrl,
    'truncate public.letters; alter table public.letters rename "userName" to user_name',
  );
  await write(WRITES);
  const missing = async (from: string) =>
    WRITES - await countOf(place, `letters where user_name = '${from}' and content = 'Hello'`);
  const [plain, ours] = [await missing("plain"), await missing("ours")];
  return {
    promise: PROMISE,
    measured: `a column is renamed under a writing isolate: of its next ${WRITES} writes not made`,
    without: String(plain),
    withIt: String(ours),
    isKept: ours === 0,
  };
}

/** Two isolates see that a target is down; when a third one, whose own calls say nothing, stops calling it. */
async function openedBreaker(
  rpc: RpcPort,
  name: string,
  afterMs: number,
): Promise<{ local: boolean; ms: number }> {
  const isolate = (id: string) =>
    new CircuitBreaker(name, { store: breakerStore(rpc, { isolate: `${name} ${id}` }) });
  const [first, second, third] = [isolate("first"), isolate("second"), isolate("third")];
  const plain = new CircuitBreaker(undefined);
  const down = () => Promise.reject(new Error("down"));
  const callThird = async () => {
    await third.execute(() => Promise.resolve()).catch(() => {});
    await plain.execute(() => Promise.resolve());
    await systemClock.sleep(20);
  };
  for (const until = performance.now() + afterMs; performance.now() < until;) await callThird();
  for (let n = 0; n < 5; n++) {
    for (const breaker of [first, second]) await breaker.execute(down).catch(() => {});
  }
  const openedAt = performance.now();
  while (third.state === "closed" && performance.now() - openedAt < 30_000) {
    await callThird();
    // Those that see the failures go on calling, as the fleet needs a word of both.
    for (const breaker of [first, second]) await breaker.execute(down).catch(() => {});
  }
  return { local: plain.state === "open", ms: performance.now() - openedAt };
}

async function openedBreakers(place: WritingPlace, share: number): Promise<PromiseRow> {
  const rpc = rpcOverHttp(place.client);
  const count = scaled(BREAKERS, share, 2);
  const outcomes = await Promise.all(
    Array.from({ length: count }, (_, n) => openedBreaker(rpc, `target ${n}`, 5_000 * n / count)),
  );
  const times = outcomes.map(({ ms }) => ms);
  return {
    promise: PROMISE,
    measured: "two isolates find a target down: until a third leaves it alone",
    without: outcomes.some(({ local }) => local) ? "some do" : "never",
    withIt: `${(quantileOf(times, 0.5) / 1_000).toFixed(1)} s, most: ${
      (Math.max(...times) / 1_000).toFixed(1)
    } s`,
    isKept: quantileOf(times, 0.95) < LIMIT_MS,
  };
}

/** An isolate that had asked in vain for a key learns that another one has found its column; on a clock that is moved. */
async function learnedMapping(place: WritingPlace): Promise<PromiseRow[]> {
  const rpc = rpcOverHttp(place.client);
  const clock = new FakeClock("2026-01-01T00:00:00Z");
  const [old, fresh] = [startTicketIsolate(rpc, { clock }), startTicketIsolate(rpc)];
  await using model = startTicketModel();
  const learning = startTicketIsolate(rpc, { model });
  await old.write({ gist: "asked in vain" });
  while (await startTicketIsolate(rpc).write({ gist: "asked anew" }) !== "learned") {
    await learning.write({ gist: "learned from" });
  }
  let seconds = 0;
  while (seconds < PATIENCE_S && await old.write({ gist: "known elsewhere" }) !== "learned") {
    clock.advance(5_000);
    seconds += 5;
  }
  const freshBy = await fresh.write({ gist: "known elsewhere" });
  return [{
    promise: PROMISE,
    measured: "a mapping is learned: until a new isolate knows it",
    without: "never",
    withIt: freshBy === "learned" ? "0 s" : "not at its first write",
    isKept: freshBy === "learned",
  }, {
    promise: PROMISE,
    measured: "a mapping is learned: until an isolate knows it that had asked in vain",
    without: "never",
    withIt: `${seconds} s`,
    isKept: seconds * 1_000 < LIMIT_MS,
  }];
}

/** What isolates know late. */
export const stalenessPromises: PromiseBench = {
  name: "staleness",
  async measure(share) {
    await using place = await openPlace();
    return [
      await renamedColumn(place),
      await openedBreakers(place, share),
      ...await learnedMapping(place),
    ];
  },
};
