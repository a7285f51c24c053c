/** Whether the service that keeps files answers: Supabase Storage, or UploadThing. @module */

import { part } from "../core/unknownValues.ts";
import { askProvider, judgeReply } from "./ask.ts";
import { type HealthCheck, type HealthLook, judgeFigure, notConfigured } from "./check.ts";

/** Where files are kept. */
export type FileAccount =
  | { kind: "storage"; url: string; key: string }
  | { kind: "uploadthing"; baseUrl: string; apiKey: string }
  | { missing: string };

/** The check; it reads, and stores nothing. */
export function filesCheck(account: FileAccount, request: typeof fetch): HealthCheck {
  return {
    name: "files",
    limitMs: 10_000,
    async look(signal) {
      if ("missing" in account) return notConfigured(account.missing);
      return account.kind === "storage"
        ? await lookAtStorage(account, signal, request)
        : await lookAtUploadThing(account, signal, request);
    },
  };
}

/** The list of buckets comes from Storage's own tables: it takes the service and its database. */
async function lookAtStorage(
  { url, key }: { url: string; key: string },
  signal: AbortSignal,
  request: typeof fetch,
): Promise<HealthLook> {
  const reply = await askProvider({
    provider: "Storage",
    url: `${url}/storage/v1/bucket?limit=1`,
    headers: { apikey: key, authorization: `Bearer ${key}` },
    signal,
    fetch: request,
  });
  const bad = judgeReply("Storage", reply);
  if (bad !== undefined) return bad;
  return Array.isArray(reply.body)
    ? { status: "healthy", reason: "Storage answers with its buckets" }
    : { status: "unhealthy", reason: "Storage answered with no list of buckets" };
}

async function lookAtUploadThing(
  { baseUrl, apiKey }: { baseUrl: string; apiKey: string },
  signal: AbortSignal,
  request: typeof fetch,
): Promise<HealthLook> {
  const reply = await askProvider({
    provider: "UploadThing",
    url: `${baseUrl}/v6/getUsageInfo`,
    method: "POST",
    headers: { "x-uploadthing-api-key": apiKey, "content-type": "application/json" },
    body: "{}",
    signal,
    fetch: request,
  });
  const bad = judgeReply("UploadThing", reply);
  if (bad !== undefined) return bad;
  const [used, limit] = ["totalBytes", "limitBytes"].map((key) => Number(part(reply.body, key)));
  if (!(used! >= 0) || !(limit! > 0)) return { status: "healthy", reason: "UploadThing answers" };
  const percent = Math.round(1_000 * used! / limit!) / 10;
  return judgeFigure({
    words: `UploadThing answers, and ${percent} % of its space is used`,
    value: percent,
    degraded: 90,
    unhealthy: 100,
  });
}
