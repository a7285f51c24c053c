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

/** Asks the model by hand, as plain code does, and writes what it says. */
async function mendPlainly(place: WritingPlace, model: OpenAiServer, row: Row): Promise<void> {
  if (await isTaken(place.client, "tickets", [row])) return;
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
  await isTaken(place.client, "tickets", [mended]);
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
  for (const row of rows) await mendPlainly(place, model, row);
  const plain = model.requests.length;
  await runSql(place.stack.dbUrl, "truncate public.tickets");
  const { first, second, unhealed } = await mendWithUs(place, model, rows);
  const half = rows.length / 2;
  const what = `${rows.length} rows whose keys are no columns, isolates of ${ROWS_OF_AN_ISOLATE} rows each`;
  return [{
    promise: "AI-call rate",
    measured: `${what}: rows for which a model is asked, before anything is learned (first half)`,
    without: percentText(plain, rows.length),
    withIt: percentText(first, half),
  }, {
    promise: "AI-call rate",
    measured: `the same, once patterns are learned (second half); ${unhealed} rows of all are not healed`,
    without: percentText(plain, rows.length),
    withIt: percentText(second, half),
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
    measured:
      `${size.errors} errors in ${size.hours} hours through the engine, as the simulated week has them: errors for which a model is asked; ` +
      "without: each is a question",
    without: "100 %",
    withIt: `${(100 - handled.value).toFixed(1)} %`,
  };
}

/** Questions to a model. */
export const modelCallPromises: PromiseBench = {
  name: "model calls",
  measure: async (share) => [...await measureRows(share), await measureWeek(share)],
};
