/**
 * Batches of a hundred rows of which one to five are bad: what of them is saved, and what that costs the database.
 *
 * Bad rows have other keys than the table, a time as a number, or a value that the table refuses; the last kind nobody may
 * mend, so it is not counted as lost. Plain code that does not give up a batch sends its rows one by one.
 *
 * @module
 */

import { createResilientDb, type Row } from "../../../supabase/functions/_shared/resilientDbWrapper.ts";
import { rpcOverHttp } from "../../../supabase/functions/_shared/supabaseClient.ts";
import { runSql } from "../../lib/scratchServer.ts";
import { type Chance, seededChance } from "../../lib/simulation.ts";
import type { WritingPlace } from "../contests/writes.ts";
import { countingClient, countOf, isTaken, openPlace } from "./place.ts";
import { recordHeals } from "./recordedHeals.ts";
import { percentText, type PromiseBench, type PromiseRow, scaled } from "./promise.ts";

const BATCHES = 60;
const BATCH = 100;

interface Batch {
  rows: Row[];
  /** Rows that the table can take, as they are or mended. */
  savable: number;
}

function goodRow(n: number): Row {
  return { role: "user", content: `message ${n}`, tokens: n };
}

/** A row that the table does not take as it is. */
function badRow(n: number, chance: Chance): { row: Row; isSavable: boolean } {
  const kind = Math.floor(chance() * 4);
  if (kind === 0) return { row: { ...goodRow(n), tokens: -1 }, isSavable: false };
  if (kind === 1) {
    return { row: { sender: "user", message: `message ${n}`, tokens: n }, isSavable: true };
  }
  if (kind === 2) return { row: { Role: "user", Content: `message ${n}`, tokens: n }, isSavable: true };
  return { row: { ...goodRow(n), due_at: 1_767_225_600 + n }, isSavable: true };
}

function batchOf(chance: Chance): Batch {
  const rows = Array.from({ length: BATCH }, (_, n) => goodRow(n));
  const bad = 1 + Math.floor(chance() * 5);
  let savable = BATCH;
  for (let made = 0; made < bad; made++) {
    // Each in a part of the batch of its own, so that there are as many as were drawn.
    const at = Math.floor((made + chance()) * BATCH / bad);
    const { row, isSavable } = badRow(at, chance);
    rows[at] = row;
    if (!isSavable) savable--;
  }
  return { rows, savable };
}

/** One way to save batches, with the requests that it has sent so far. */
interface Way {
  save(rows: readonly Row[]): Promise<unknown>;
  requests(): number;
}

/** What came of a way. */
interface Outcome {
  savedRows: number;
  /** Batches of which every row is saved that can be. */
  whole: number;
  requests: number;
  /** What the database worked, in milliseconds. */
  databaseMs: number;
}

async function tryWay(place: WritingPlace, way: Way, batches: readonly Batch[]): Promise<Outcome> {
  await runSql(
    place.stack.superuserUrl,
    "truncate public.notes; select extensions.pg_stat_statements_reset()",
  );
  const sentBefore = way.requests();
  const outcome: Outcome = { savedRows: 0, whole: 0, requests: 0, databaseMs: 0 };
  for (const { rows, savable } of batches) {
    await way.save(rows);
    const saved = await countOf(place, "notes");
    if (saved - outcome.savedRows >= savable) outcome.whole++;
    outcome.savedRows = saved;
  }
  const [work] = await runSql<{ ms: number }>(
    place.stack.superuserUrl,
    "select coalesce(sum(total_exec_time), 0)::float8 as ms from extensions.pg_stat_statements where toplevel and query !~ '^select (?:count|extensions)'",
  );
  return { ...outcome, requests: way.requests() - sentBefore, databaseMs: work!.ms };
}

function ways(place: WritingPlace): { once: Way; oneByOne: Way; ours: Way } {
  const [first, second, third] = [countingClient(place), countingClient(place), countingClient(place)];
  const rpc = rpcOverHttp(third.client);
  const heals = recordHeals(rpc);
  const db = createResilientDb(rpc, { onHealed: heals.onHealed });
  return {
    once: { save: (rows) => isTaken(first.client, "notes", rows), requests: first.requests },
    oneByOne: {
      async save(rows) {
        if (await isTaken(second.client, "notes", rows)) return;
        for (const row of rows) await isTaken(second.client, "notes", [row]);
      },
      requests: second.requests,
    },
    ours: {
      async save(rows) {
        await db.insertMany("notes", rows);
        // Recording what was healed is work of the database too.
        await heals.settled();
      },
      requests: third.requests,
    },
  };
}

/** Of the batches with bad rows: sent once, row by row where refused, and by ours; then batches without bad rows. */
type Outcomes = Record<"once" | "oneByOne" | "ours" | "cleanPlain" | "cleanOurs", Outcome>;

const WHAT = `batches of ${BATCH} rows, 1–5 bad`;

function successRows(batches: readonly Batch[], { once, oneByOne, ours }: Outcomes): PromiseRow[] {
  const savable = batches.reduce((sum, batch) => sum + batch.savable, 0);
  const promise = "batch success";
  return [
    {
      promise,
      measured: `${WHAT}: those of which every row is saved that can be`,
      without: percentText(once.whole, batches.length),
      withIt: percentText(ours.whole, batches.length),
      isKept: ours.whole === batches.length,
    },
    {
      promise,
      measured: `${WHAT}: rows saved of those that can be, against row by row`,
      without: percentText(oneByOne.savedRows, savable),
      withIt: percentText(ours.savedRows, savable),
      isKept: ours.savedRows === savable,
    },
  ];
}

function loadRows(count: number, { oneByOne, ours, cleanPlain, cleanOurs }: Outcomes): PromiseRow[] {
  const promise = "database load −50 %";
  const each = (value: number) => (value / count).toFixed(value / count < 10 ? 1 : 0);
  const workOf = (measured: string, plain: Outcome, own: Outcome): PromiseRow => ({
    promise,
    measured,
    without: `${each(plain.databaseMs)} ms`,
    withIt: `${each(own.databaseMs)} ms`,
    isKept: own.databaseMs <= 0.5 * plain.databaseMs,
  });
  return [
    {
      promise,
      measured: `${WHAT}: requests for each, against row by row`,
      without: each(oneByOne.requests),
      withIt: each(ours.requests),
      isKept: ours.requests <= 0.5 * oneByOne.requests,
    },
    workOf(`${WHAT}: work of the database for each, against row by row`, oneByOne, ours),
    workOf("batches without a bad row: work of the database for each", cleanPlain, cleanOurs),
  ];
}

/** Batch success and database load. */
export const batchPromises: PromiseBench = {
  name: "batches",
  async measure(share) {
    await using place = await openPlace();
    await runSql(
      place.stack.superuserUrl,
      "create extension if not exists pg_stat_statements with schema extensions",
    );
    const chance = seededChance(11);
    const batches = Array.from({ length: scaled(BATCHES, share) }, () => batchOf(chance));
    const clean = batches.map(() => ({
      rows: Array.from({ length: BATCH }, (_, n) => goodRow(n)),
      savable: BATCH,
    }));
    const { once, oneByOne, ours } = ways(place);
    const outcomes = {
      once: await tryWay(place, once, batches),
      oneByOne: await tryWay(place, oneByOne, batches),
      ours: await tryWay(place, ours, batches),
      cleanPlain: await tryWay(place, once, clean),
      cleanOurs: await tryWay(place, ours, clean),
    };
    return [...successRows(batches, outcomes), ...loadRows(batches.length, outcomes)];
  },
};
