/** One row that an HTTP stand-in can reproduce: the real client meets the status and the body of the row. @module */

import { messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { retryWithBackoff } from "../../supabase/functions/_shared/retry.ts";
import { createClient } from "../../supabase/functions/_shared/supabaseClient.ts";
import type { Case } from "./cases.ts";
import { decide } from "./decidedCase.ts";
import { runRestCase } from "./restCase.ts";
import type { BenchDatabase } from "./server.ts";
import type { Verdict } from "./verdict.ts";

/** A server that answers as the row says until it is told to answer well. */
interface StandIn extends AsyncDisposable {
  url: string;
  requests: number;
  mend(): void;
}

function startStandIn(row: Case): StandIn {
  let mended = false;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => {
    standIn.requests++;
    if (mended) return Response.json([]);
    const status = row.error.http_status!;
    return new Response(status === 204 ? null : bodyOf(row), {
      status,
      headers: { "content-type": "application/json" },
    });
  });
  const standIn: StandIn = {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests: 0,
    mend: () => mended = true,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return standIn;
}

function bodyOf(row: Case): string {
  return typeof row.error.body === "string" ? row.error.body : JSON.stringify(row.error.body ?? {});
}

/** Breaks the call, lets the library try it as it would, and asks the engine about what is left. */
export async function runHttpCase(row: Case, database: BenchDatabase): Promise<Omit<Verdict, "durationMs">> {
  const base = { id: row.id, layer: row.layer, title: row.title, risk: row.risk, kind: row.reproduce.kind };
  const status = row.error.http_status;
  if (!status || status < 200) {
    return { ...base, ...await decide(row, database), reason: "the row names no status to answer with" };
  }
  if (/^(?:postgrest|gateway|storage|auth)/.test(row.error.source ?? "")) {
    return await runRestCase(row, database);
  }
  await using standIn = startStandIn(row);
  let retries = 0;
  try {
    await retryWithBackoff(() => callOnce(row, standIn.url), {
      maxAttempts: 2,
      baseDelayMs: 0,
      maxDelayMs: 1,
      onRetry: () => {
        retries++;
        // A failure that passes has passed by now; one that does not stays as it is.
        if (row.retry_safe_unchanged) standIn.mend();
      },
    });
  } catch (error) {
    return { ...base, ...await judgeFailure(row, error, retries, database) };
  }
  const actions = retries > 0 ? ["retry"] : [];
  return {
    ...base,
    verdict: retries > 0 ? "healed" : "decidedOnly",
    errorType: "",
    actions,
    reason: retries > 0 ? "the call succeeded when it was made again" : "the client reports no failure",
    harm: [],
  };
}

async function judgeFailure(
  row: Case,
  error: unknown,
  retries: number,
  database: BenchDatabase,
): Promise<Pick<Verdict, "verdict" | "errorType" | "actions" | "reason" | "harm">> {
  const decided = await decide(row, database, error);
  const harm = retries > 0 && row.retry_safe_unchanged === false && row.risk === "high"
    ? [...decided.harm, "a permanent failure was tried again as if it passed by itself"]
    : decided.harm;
  const actions = [...decided.actions, ...(retries > 0 ? ["retry"] : [])];
  const verdict = harm.length > 0 ? "harmed" : row.risk === "high" ? "leftAlone" : "escalated";
  return {
    ...decided,
    verdict,
    actions,
    harm,
    reason: `${messageOf(error).slice(0, 120)}: ${decided.reason}`,
  };
}

/** The call as an author makes it, with the client that the row's service has. */
async function callOnce(row: Case, url: string): Promise<unknown> {
  const source = row.error.source ?? "";
  if (/^openai|openrouter|llm/.test(source)) return await callModel(url);
  const client = createClient(url, "sb_publishable_healbench", {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  if (source.startsWith("storage")) return unwrap(await client.storage.from("files").download("a.txt"));
  if (source.startsWith("auth")) {
    return unwrap(await client.auth.signInWithPassword({ email: "a@example.com", password: "wrong" }));
  }
  if (/^(?:edge-runtime|functions)/.test(source)) {
    return unwrap(await client.functions.invoke("chat", { body: {} }));
  }
  return unwrap(await client.from("items").insert({ id: 1 }).select());
}

/** The status stands beside the error in the client's answer, and an author who throws the error passes it on. */
function unwrap({ data, error, status }: { data: unknown; error: unknown; status?: number }): unknown {
  if (error === null || error === undefined) return data;
  throw status === undefined ? error : Object.assign(error, { status });
}

/** As the client of the model's provider reports it: the status, and the body's `error` with its own fields. */
async function callModel(url: string): Promise<unknown> {
  const response = await fetch(`${url}/v1/chat/completions`, { method: "POST", body: "{}" });
  const text = await response.text();
  if (response.ok) return text;
  const { error } = parsed(text) as { error?: Record<string, unknown> };
  const message = `${response.status} ${String(error?.message ?? text)}`;
  throw Object.assign(new Error(message), { name: "APIError", status: response.status, ...error, message });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
