/**
 * One instance of a project's functions, as an isolate of its own with a connection of its own. It is told what to do,
 * says when it is ready, begins with the others, and says how much it has done.
 *
 * @module
 */

import { analyzeError } from "../../../supabase/functions/_shared/errorAnalysis.ts";
import { captureErrors } from "../../../supabase/functions/_shared/healingDb.ts";
import { createHealingEngine } from "../../../supabase/functions/_shared/healingEngine.ts";
import { type DirectConnection, openDirectConnection } from "../../../supabase/functions/_shared/postgres.ts";
import { createResilientDb } from "../../../supabase/functions/_shared/resilientDbWrapper.ts";
import { TWO_HUNDRED_GROUPS } from "../captures/storms.ts";
import { askAsAdmin } from "../scale/asking.ts";

/** What instances are measured at. */
export type Work = "capture" | "heal" | "write" | "ask";

/** What an instance has to do. */
export interface Order {
  work: Work;
  url: string;
  /** Which of the instances this is. */
  instance: number;
  /** How many times; `heal` goes on until nothing is left. */
  times: number;
}

/** What it has done. */
export interface Done {
  count: number;
  /** Of `ask`: the 99th of a hundred answers, in milliseconds. */
  p99Ms?: number;
}

const BATCH = 200;

/** Errors of known kinds whose words are all different, from what was thrown to what is stored. */
async function capture({ rpc }: DirectConnection, { instance, times }: Order): Promise<Done> {
  for (let first = 0; first < times; first += BATCH) {
    const batch = Array.from(
      { length: BATCH },
      (_, index) => TWO_HUNDRED_GROUPS.fail(instance * times + first + index),
    );
    const analysed = await Promise.all(
      batch.map((error) => analyzeError(error, { functionName: "checkout" })),
    );
    await captureErrors(rpc, analysed.map(({ captured }) => captured));
  }
  return { count: times };
}

/** Runs of the engine until every open error is decided on. */
async function heal({ rpc }: DirectConnection, { url, instance }: Order): Promise<Done> {
  await using engine = createHealingEngine({
    db: rpc,
    openDirect: () => openDirectConnection(url),
    worker: `instance ${instance}`,
  });
  const { errors_detected: count } = await engine.detectAndHeal();
  return { count };
}

/** Rows under wrong names, each in a call of its own. */
async function write({ rpc }: DirectConnection, { instance, times }: Order): Promise<Done> {
  const db = createResilientDb(rpc);
  for (let index = 0; index < times; index++) {
    await db.insert("bench_messages", { sender: "user", message: `message ${index} of ${instance}` });
  }
  return { count: times };
}

/** What the dashboard's first page asks. */
async function ask(connection: DirectConnection, { times }: Order): Promise<Done> {
  return { count: times, p99Ms: await askAsAdmin(connection, "select get_dashboard_overview()", times) };
}

const WORKERS = { capture, heal, write, ask } satisfies Record<Work, unknown>;

interface Isolate {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
}

function isIsolate(scope: unknown): scope is Isolate {
  return typeof scope === "object" && scope !== null && "postMessage" in scope && !("window" in scope);
}

if (isIsolate(globalThis)) {
  const isolate = globalThis;
  isolate.onmessage = async ({ data: order }: MessageEvent<Order>) => {
    const connection = await openDirectConnection(order.url);
    isolate.onmessage = async () => {
      isolate.postMessage(await WORKERS[order.work](connection, order));
      await connection.close();
    };
    isolate.postMessage("ready");
  };
}
