/**
 * Rows of edge functions and other services: the call goes through the library's protection as an author makes it,
 * once as a write that nobody declared anything about, and once under a key that the other side honours.
 *
 * @module
 */

import { readSettings } from "../../supabase/functions/_shared/core/settings.ts";
import { createClient } from "../../supabase/functions/_shared/supabaseClient.ts";
import { initializeEnterpriseInfrastructure } from "../../supabase/functions/_shared/universalIntegrationHelper.ts";
import type { Case } from "./cases.ts";
import { runDecidedCase } from "./decidedCase.ts";
import { type CallVerdict, judgeAnswered, judgeFailed, permanentRepeats } from "./judgeCall.ts";
import type { BenchDatabase } from "./server.ts";
import { hasStatus, type StandIn, startStandIn } from "./standIn.ts";

const ATTEMPT_MS = 1_000;
/** The protection works without the project's memory too, and the bench captures by itself what is left. */
const NO_PROJECT = readSettings({ get: () => undefined });

const ANSWER = { ok: true, by: "bench" };

/** Calls a function, lets the library do what it does, and asks the engine about what is left. */
export async function runFunctionCase(row: Case, database: BenchDatabase): Promise<CallVerdict> {
  // A server knows no rules of origins, so nothing here can break in that way.
  if (/\bCORS\b|preflight/i.test(row.error.message ?? "")) return await runDecidedCase(row, database);
  const harm = await harmOfPlainWrite(row);
  await using standIn = start(row, true);
  try {
    const answer = await invoke(row, standIn, true);
    return judgeAnswered(row, standIn, {
      isValid: JSON.stringify(answer) === JSON.stringify(ANSWER),
      harm: [...harm, ...repeatsOf(row, standIn)],
    });
  } catch (error) {
    // What is captured is what the client threw, and not the coded error that the author gets around it.
    const thrown = (error as Error).cause ?? error;
    return await judgeFailed(row, thrown, { database, harm: [...harm, ...repeatsOf(row, standIn)] });
  }
}

/** What the key allows is no harm: an unknown outcome may be asked for again under it, and a permanent failure not. */
function repeatsOf(row: Case, standIn: StandIn): string[] {
  return hasStatus(row) ? permanentRepeats(row, standIn) : [];
}

/** A write without a key must arrive once, whatever becomes of it. */
async function harmOfPlainWrite(row: Case): Promise<string[]> {
  await using standIn = start(row, false);
  await invoke(row, standIn, false).catch(() => {});
  const count = standIn.requests.length;
  return count <= 1 ? [] : [`a write of unknown outcome was sent ${count} times without a key`];
}

function start(row: Case, isKeyed: boolean): StandIn {
  const [code = ""] = String(row.error.code ?? "").split(" | ");
  const isRelay = /relay/i.test(`${code} ${row.error.message}`);
  return startStandIn(row, {
    isKeyed,
    answer: () => Response.json(ANSWER),
    headers: isRelay ? { "x-relay-error": "true" } : /^[\w .-]+$/.test(code) ? { "sb-error-code": code } : {},
  });
}

async function invoke(row: Case, { url }: StandIn, isKeyed: boolean): Promise<unknown> {
  const { protectedFunctionCall } = await initializeEnterpriseInfrastructure(
    new Request(`${url}/functions/v1/caller`),
    { functionName: `${row.id} ${isKeyed}`, settings: NO_PROJECT },
  );
  const call = /^fetch/i.test(row.error.source ?? "") ? callService : callFunction;
  return await protectedFunctionCall(() => call(url, isKeyed ? `bench ${row.id}` : undefined), {
    name: `chat at ${url}`,
    limitMs: ATTEMPT_MS,
    ...(isKeyed ? { effect: "keyedWrite" } : {}),
  });
}

/** As an author calls a function, with a key where the call has one. */
async function callFunction(url: string, key: string | undefined): Promise<unknown> {
  const client = createClient(url, "sb_publishable_healbench", {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const { data, error } = await client.functions.invoke("chat", {
    body: { message: "hello" },
    headers: key === undefined ? {} : { "idempotency-key": key },
  });
  if (error !== null) throw error;
  return data;
}

/** As an author calls another service. */
async function callService(url: string, key: string | undefined): Promise<unknown> {
  const response = await fetch(`${url}/charges`, {
    method: "POST",
    body: JSON.stringify({ message: "hello" }),
    headers: { "content-type": "application/json", ...(key === undefined ? {} : { "idempotency-key": key }) },
  });
  if (!response.ok) throw Object.assign(new Error(`the service answered ${response.status}`), { response });
  return await response.json();
}
