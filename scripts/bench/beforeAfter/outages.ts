/**
 * Outages of the database, as functions see them: its API refuses connections and cuts those that are open. What was
 * written and logged meanwhile, what of it is there afterwards, and how soon.
 *
 * @module
 */

import { systemClock } from "../../../supabase/functions/_shared/core/clock.ts";
import { silentLogger } from "../../../supabase/functions/_shared/core/logger.ts";
import type { RpcPort } from "../../../supabase/functions/_shared/core/ports.ts";
import { FallbackLogger } from "../../../supabase/functions/_shared/fallbackLogger.ts";
import { storeFallbackLogs } from "../../../supabase/functions/_shared/healingDb.ts";
import {
  createResilientDb,
  createWriteBreaker,
  MemorySpool,
  type ResilientDb,
} from "../../../supabase/functions/_shared/resilientDbWrapper.ts";
import { rpcOverHttp, type SupabaseClient } from "../../../supabase/functions/_shared/supabaseClient.ts";
import { TcpProxy } from "../../../tests/helpers/tcpProxy.ts";
import { lookUntil } from "../../lib/lookUntil.ts";
import type { WritingPlace } from "../contests/writes.ts";
import { countingClient, countOf, isTaken, openPlace } from "./place.ts";
import { type PromiseBench, type PromiseRow, scaled } from "./promise.ts";

const ISOLATES = 3;
const OUTAGES_MS = [2_000, 10_000];
const EVERY_MS = 100;
const LIMIT_MS = 5_000;
const PATIENCE_MS = 90_000;
/** As many as the helper of the tests logs. */
const KILLED_ENTRIES = 150;
/** What a function of the front door has: the database is asked again after five seconds. */
const COOLDOWN_MS = 5_000;

const DYING = decodeURIComponent(new URL("../../../tests/helpers/dyingLogger.ts", import.meta.url).pathname);
const DYING_PLAIN = decodeURIComponent(new URL("./dyingPlainLogger.ts", import.meta.url).pathname);

/** An isolate that writes and logs in both ways. */
interface Isolate {
  client: SupabaseClient;
  db: ResilientDb;
  log: FallbackLogger;
  spool: MemorySpool;
  sent: number;
}

/** Both ways at once: which of the rows is in the table now. */
async function act(isolate: Isolate, name: string): Promise<{ ours: boolean; plain: boolean }> {
  isolate.sent++;
  const message = `${name} ${isolate.sent}`;
  isolate.log.error(message);
  const [ours, plain] = await Promise.all([
    isolate.db.insertMany("notes", [{ role: "ours", content: message }]),
    isTaken(isolate.client, "notes", [{ role: "plain", content: message }]),
    isTaken(isolate.client, "app_logs", [{ message }]),
  ]);
  return { ours: ours.results[0]!.status === "saved", plain };
}

function logOver(rpc: RpcPort, path: string): FallbackLogger {
  return new FallbackLogger({
    sink: () => Promise.resolve({ store: (entries) => storeFallbackLogs(rpc, entries) }),
    path,
    console: silentLogger,
  });
}

async function startIsolate(
  place: WritingPlace,
  proxy: TcpProxy,
  folder: string,
  id: number,
): Promise<Isolate> {
  const { client } = countingClient(place, `http://127.0.0.1:${proxy.port}`);
  const rpc = rpcOverHttp(client);
  const spool = new MemorySpool();
  const breaker = createWriteBreaker(undefined, { cooldownMs: COOLDOWN_MS });
  const db = createResilientDb(rpc, { breaker, spool });
  const isolate = { client, db, spool, log: logOver(rpc, `${folder}/${id}.jsonl`), sent: 0 };
  for (let n = 0; n < 3; n++) await act(isolate, `isolate ${id}`);
  return isolate;
}

/** What came of an outage; times from its end, in milliseconds, undefined where it was waited for in vain. */
interface Outcome {
  sent: number;
  lost: { plainRows: number; rows: number; plainLogs: number; logs: number };
  firstWrites: Record<"plain" | "ours", number | undefined>;
  allWrittenMs: number | undefined;
  allLoggedMs: number | undefined;
}

async function suffer(place: WritingPlace, outageMs: number): Promise<Outcome> {
  using proxy = new TcpProxy(Number(new URL(place.stack.url).port));
  const folder = await Deno.makeTempDir();
  const name = `outage of ${outageMs}`;
  const isolates = await Promise.all(
    Array.from({ length: ISOLATES }, (_, id) => startIsolate(place, proxy, folder, id)),
  );
  proxy.isClosed = true;
  proxy.cutAll();
  for (const end = performance.now() + outageMs; performance.now() < end;) {
    await Promise.all([...isolates.map((isolate) => act(isolate, name)), systemClock.sleep(EVERY_MS)]);
  }
  const sent = isolates.reduce((sum, isolate) => sum + isolate.sent - 3, 0);
  proxy.isClosed = false;
  const endedAt = performance.now();
  const missing = async (from: string) => sent - await countOf(place, from);
  const rows = `notes where role = 'ours' and content like '${name} %'`;
  const logs = `fallback_log_entries where message like '${name} %'`;
  const since = (isOver: () => Promise<boolean>) =>
    lookUntil(async () => await isOver() ? performance.now() - endedAt : undefined, {
      timeoutMs: PATIENCE_MS,
      everyMs: 20,
    });
  const [firstWrites, allWrittenMs, allLoggedMs] = await Promise.all([
    untilAllWrite(isolates, endedAt),
    since(async () => await missing(rows) <= 0),
    since(async () => await missing(logs) <= 0),
  ]);
  const lost = {
    plainRows: await missing(`notes where role = 'plain' and content like '${name} %'`),
    rows: await missing(rows),
    plainLogs: await missing(`app_logs where message like '${name} %'`),
    logs: await missing(logs),
  };
  await Promise.all(isolates.map(endIsolate));
  await Deno.remove(folder, { recursive: true });
  return { sent, lost, firstWrites, allWrittenMs, allLoggedMs };
}

/** How long after that moment it takes until a write of every isolate is saved at once, in each way. */
async function untilAllWrite(isolates: readonly Isolate[], since: number): Promise<Outcome["firstWrites"]> {
  const first: Outcome["firstWrites"] = { plain: undefined, ours: undefined };
  while (first.ours === undefined && performance.now() - since < PATIENCE_MS) {
    const acts = await Promise.all(isolates.map((isolate) => act(isolate, "afterwards")));
    for (const way of ["plain", "ours"] as const) {
      if (acts.every((made) => made[way])) first[way] ??= performance.now() - since;
    }
    await systemClock.sleep(EVERY_MS);
  }
  return first;
}

/** Lets everything that waits have its end, so that it does not meet what is measured next. */
async function endIsolate({ log, spool }: Isolate): Promise<void> {
  const isEmpty = () => Promise.resolve(spool.size === 0 ? true : undefined);
  await lookUntil(isEmpty, { timeoutMs: PATIENCE_MS, everyMs: 50 });
  log.close();
  await log.settled();
}

/** Entries that are in no table after a process was killed in an outage, and another one has come. */
async function killedLoggers(place: WritingPlace): Promise<{ plain: number; ours: number }> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/killed.jsonl`;
  await die([DYING, "spooled", path, place.stack.dbUrl]);
  const log = logOver(rpcOverHttp(place.client), path);
  await log.flush();
  log.close();
  // Nobody listens there.
  await die([DYING_PLAIN, "http://127.0.0.1:9", place.stack.keys.secret, String(KILLED_ENTRIES)]);
  await Deno.remove(folder, { recursive: true });
  return {
    plain: KILLED_ENTRIES - await countOf(place, "app_logs where message like 'killed %'"),
    ours: KILLED_ENTRIES - await countOf(place, "fallback_log_entries where message like 'entry %'"),
  };
}

async function die(args: string[]): Promise<void> {
  const program = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", ...args],
    stdout: "null",
    stderr: "piped",
  });
  const { signal, stderr } = await program.output();
  if (signal !== "SIGKILL") throw new Error(`It was not killed: ${new TextDecoder().decode(stderr)}`);
}

function secondsText(ms: number | undefined): string {
  return ms === undefined ? `not within ${PATIENCE_MS / 1_000} s` : `${(ms / 1_000).toFixed(1)} s`;
}

function rowsOf(outageMs: number, outcome: Outcome): PromiseRow[] {
  const { sent, lost, firstWrites } = outcome;
  const what = `an outage of ${outageMs / 1_000} s`;
  const recovery = (measured: string, without: string, ms: number | undefined): PromiseRow => ({
    promise: "recovery < 5 s",
    measured: `${what}: until ${measured}`,
    without,
    withIt: secondsText(ms),
    isKept: ms !== undefined && ms < LIMIT_MS,
  });
  const never = (count: number) => `never, ${count} of ${sent} lost`;
  return [
    {
      promise: "log loss 0",
      measured: `${what}: entries of its time that are in no table afterwards`,
      without: `${lost.plainLogs} of ${sent}`,
      withIt: `${lost.logs} of ${sent}`,
      isKept: lost.logs === 0,
    },
    recovery(
      `all ${ISOLATES} isolates write at once again`,
      secondsText(firstWrites.plain),
      firstWrites.ours,
    ),
    recovery("all rows of its time are in the table", never(lost.plainRows), outcome.allWrittenMs),
    recovery("all log entries of its time are in the table", never(lost.plainLogs), outcome.allLoggedMs),
  ];
}

/** Log loss and recovery. */
export const outagePromises: PromiseBench = {
  name: "outages",
  async measure(share) {
    await using place = await openPlace();
    const rows: PromiseRow[] = [];
    for (const outageMs of share < 1 ? [scaled(OUTAGES_MS[0]!, share, 300)] : OUTAGES_MS) {
      rows.push(...rowsOf(outageMs, await suffer(place, outageMs)));
    }
    const { plain, ours } = await killedLoggers(place);
    return [...rows, {
      promise: "log loss 0",
      measured: "entries in no table after an outage in which their process was killed",
      without: `${plain} of ${KILLED_ENTRIES}`,
      withIt: `${ours} of ${KILLED_ENTRIES}`,
      isKept: ours === 0,
    }];
  },
};
