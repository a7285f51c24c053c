/** Rows of the data interface, of storage and of sign-in: the real client meets the status and the body of the row. @module */

import { messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { retryWithBackoff } from "../../supabase/functions/_shared/retry.ts";
import { createClient } from "../../supabase/functions/_shared/supabaseClient.ts";
import type { Case } from "./cases.ts";
import { decide } from "./decidedCase.ts";
import type { BenchDatabase } from "./server.ts";
import { startStandIn } from "./standIn.ts";
import type { Verdict } from "./verdict.ts";

/** Breaks the call, lets the library try it as it would, and asks the engine about what is left. */
export async function runRestCase(row: Case, database: BenchDatabase): Promise<Omit<Verdict, "durationMs">> {
  const base = { id: row.id, layer: row.layer, title: row.title, risk: row.risk, kind: row.reproduce.kind };
  const status = row.error.http_status;
  if (!status || status < 200) {
    return { ...base, ...await decide(row, database), reason: "the row names no status to answer with" };
  }
  await using standIn = startStandIn(row);
  let retries = 0;
  try {
    await retryWithBackoff(() => callOnce(row, standIn.url), {
      maxAttempts: 2,
      baseDelayMs: 0,
      maxDelayMs: 1,
      onRetry: () => retries++,
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
  const client = createClient(url, "sb_publishable_healbench", {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  if (source.startsWith("storage")) return unwrap(await client.storage.from("files").download("a.txt"));
  if (source.startsWith("auth")) {
    return unwrap(await client.auth.signInWithPassword({ email: "a@example.com", password: "wrong" }));
  }
  return unwrap(await client.from("items").insert({ id: 1 }).select());
}

/** The status stands beside the error in the client's answer, and an author who throws the error passes it on. */
function unwrap({ data, error, status }: { data: unknown; error: unknown; status?: number }): unknown {
  if (error === null || error === undefined) return data;
  throw status === undefined ? error : Object.assign(error, { status });
}
