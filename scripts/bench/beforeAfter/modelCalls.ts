/**
 * How many errors need a model. Plain code that has a model mend its rows asks for every one that fails; ours asks when
 * neither the rules nor what was learned knows more, and learns from the answer.
 *
 * @module
 */

import { rpcOverHttp } from "../../../supabase/functions/_shared/supabaseClient.ts";
import type { OpenAiServer } from "../../../tests/helpers/openAiServer.ts";
import { runSql, startScratchServer } from "../../lib/scratchServer.ts";
import { seededChance } from "../../lib/simulation.ts";
import type { WritingPlace } from "../contests/writes.ts";
import { simulateWeekOnServer } from "../week.sim.ts";
import { isTaken, openPlace } from "./place.ts";
import { percentText, type PromiseBench, type PromiseRow, scaled } from "./promise.ts";
import { EASY_KEYS, HARD_KEYS, startTicketIsolate, startTicketModel } from "./tickets.ts";

const ROWS = 400;
const ROWS_OF_AN_ISOLATE = 10;
const HARD_SHARE = 0.3;
const WEEK = { errors: 500, hours: 24, engines: 2 };

type Row = Record<string, unknown>;

function badRows(count: number): Row[] {
  const chance = seededChance(13);
  return Array.from({ length: count }, (_, n) => {
    const keys = chance() < HARD_SHARE ? HARD_KEYS : EASY_KEYS;
    return { [keys[Math.floor(chance() * keys.length)]!]: `ticket ${n}`, tokens: n };
  });
}

/** Asks the model by hand, as plain code does, and writes what it says; true when the row is taken. */
async function mendPlainly(place: WritingPlace, model: OpenAiServer, row: Row): Promise<boolean> {
  if (await isTaken(place.client, "tickets", [row])) return true;
  const question = { model: "gpt-test", messages: [{ role: "user", content: JSON.stringify(row) }] };
  const answer = await fetch(`${model.url}/chat/completions`, {
    method: "POST",
    headers: { authorization: "Bearer no-key-is-wanted-here", "content-type": "application/json" },
    body: JSON.stringify(question),
  });
  const { choices: [choice] } = await answer.json();
  const { mappings } = JSON.parse(choice.message.content) as {
    mappings: { key: string; column: string }[];
  };
  const mended = { ...row };
  for (const { key, column } of mappings) {
    mended[column] = mended[key];
    delete mended[key];
  }
  return await isTaken(place.client, "tickets", [mended]);
}

/** The share of rows for which the model was asked, of the first half and of the second. */
async function mendWithUs(
  place: WritingPlace,
  model: OpenAiServer,
  rows: readonly Row[],
): Promise<{ first: number; second: number; unhealed: number }> {
  const service = rpcOverHttp(place.client);
  const before = model.requests.length;
  let [atHalf, unhealed] = [0, 0];
  let isolate = startTicketIsolate(service, { model });
  for (const [n, row] of rows.entries()) {
    if (n % ROWS_OF_AN_ISOLATE === 0) isolate = startTicketIsolate(service, { model });
    if (n === rows.length >> 1) atHalf = model.requests.length;
    const healedBy = await isolate.write(row);
    if (healedBy === "failed" || healedBy === "queued") unhealed++;
  }
  return { first: atHalf - before, second: model.requests.length - atHalf, unhealed };
}

async function measureRows(share: number): Promise<PromiseRow[]> {
  await using place = await openPlace();
  await using model = startTicketModel();
  const rows = badRows(scaled(ROWS, share, 40));
  const plainly = { unhealed: 0 };
  for (const row of rows) if (!await mendPlainly(place, model, row)) plainly.unhealed++;
  const plain = model.requests.length;
  await runSql(place.stack.dbUrl, "truncate public.tickets");
  const { first, second, unhealed } = await mendWithUs(place, model, rows);
  const half = rows.length / 2;
  const what = "rows whose keys are no columns";
  return [{
    promise: "AI-call rate",
    measured: `${what}: a model is asked, once patterns are learned`,
    without: percentText(plain, rows.length),
    withIt: percentText(second, half),
  }, {
    promise: "AI-call rate",
    measured: `${what}: a model is asked, while patterns are learned`,
    without: percentText(plain, rows.length),
    withIt: percentText(first, half),
  }, {
    promise: "AI-call rate",
    measured: `${what}: not healed`,
    without: percentText(plainly.unhealed, rows.length),
    withIt: percentText(unhealed, rows.length),
  }];
}

async function measureWeek(share: number): Promise<PromiseRow> {
  await using server = await startScratchServer();
  const size = {
    ...WEEK,
    errors: scaled(WEEK.errors, share, 60),
    hours: scaled(WEEK.hours, share, 4),
  };
  const findings = await simulateWeekOnServer(server, size);
  const handled = findings.find(({ figure }) => figure.startsWith("handled without a model"))!;
  return {
    promise: "AI-call rate",
    measured: "errors through the engine: a model is asked",
    without: "each",
    withIt: `${(100 - handled.value).toFixed(1)} %`,
  };
}

/** Questions to a model. */
export const modelCallPromises: PromiseBench = {
  name: "model calls",
  measure: async (share) => [...await measureRows(share), await measureWeek(share)],
};
