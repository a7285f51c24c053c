/** What scenes of files share, and time-outs: what was made is found, what was not is made once. @module */

import { RetryBudget } from "../../supabase/functions/_shared/retry.ts";
import {
  createResilientStorage,
  type ResilientStorage,
} from "../../supabase/functions/_shared/resilientStorage.ts";
import { createClient, type SupabaseClient } from "../../supabase/functions/_shared/supabaseClient.ts";
import { type Played, repeatsOf, type Stage, WORDS } from "./restScene.ts";
import { SmallStorage } from "./smallStorage.ts";
import { type StandIn, type StandInRequest, startStandIn } from "./standIn.ts";

/** The bucket of the bench. */
export const BUCKET = "files";

/** The library's storage, and a client with nothing around it. */
export function storageOver(
  { url }: StandIn,
): { storage: ResilientStorage; bare: SupabaseClient["storage"] } {
  const client = createClient(url, "sb_publishable_healbench", {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  });
  return {
    storage: createResilientStorage(client.storage, { baseDelayMs: 1, budget: new RetryBudget() }),
    bare: client.storage,
  };
}

/** True for a request that writes a file. */
export function isUpload({ method }: StandInRequest): boolean {
  return method === "POST" || method === "PUT";
}

/** Reads come again; an upload that was not made comes again once it was looked for; one that was made does not. */
export async function playTimeouts(stage: Stage): Promise<Played> {
  const reports: string[] = [];
  const all = await Promise.all([
    timedOut(stage, { isMade: false, isUpload: true }),
    timedOut(stage, { isMade: true, isUpload: true }),
    timedOut(stage, { isMade: false, isUpload: false }),
  ]);
  for (const { report } of all) reports.push(report);
  const failed = all.find(({ error }) => error !== undefined);
  if (failed !== undefined) {
    return {
      kind: "refused",
      error: failed.error,
      harm: all.flatMap(({ harm }) => harm),
    };
  }
  return {
    kind: "answered",
    isRight: all.every(({ isRight }) => isRight),
    acted: true,
    actions: ["retry"],
    reason: reports.join("; "),
    harm: all.flatMap(({ harm }) => harm),
  };
}

interface TimedOut {
  isRight: boolean;
  report: string;
  harm: string[];
  error?: unknown;
}

const MINE = { bytes: new TextEncoder().encode("mine"), contentType: "text/plain" };

async function timedOut(
  stage: Stage,
  { isMade, isUpload: isWrite }: { isMade: boolean; isUpload: boolean },
): Promise<TimedOut> {
  const kept = new SmallStorage();
  if (!isWrite) kept.files.set("a.txt", MINE);
  let failures = 0;
  let stores = 0;
  const passes = stage.row.retry_safe_unchanged === true;
  await using standIn = startStandIn(stage.row, {
    defect: (request) => {
      const fails = (isUpload(request) === isWrite) && (failures === 0 || !passes);
      if (fails) failures++;
      // The database answered too late, and the file is there all the same.
      if (fails && isMade) kept.files.set("a.txt", MINE);
      return fails;
    },
    answer: (request) => {
      if (isUpload(request)) stores++;
      return kept.answer(request);
    },
    words: WORDS,
  });
  const { storage } = storageOver(standIn);
  const harm = () => passes ? [] : repeatsOf(stage, standIn);
  try {
    const result = isWrite
      ? (await storage.upload("files", "a.txt", "mine")).status
      : await (await storage.download("files", "a.txt"))?.text();
    const text = new TextDecoder().decode(kept.files.get("a.txt")?.bytes);
    const isRight = result === (isWrite ? "stored" : "mine") && text === "mine" &&
      stores === (isWrite && !isMade ? 1 : 0);
    return { isRight, report: reportOf(isWrite, isMade), harm: harm() };
  } catch (error) {
    return { isRight: false, report: "", harm: harm(), error };
  }
}

function reportOf(isWrite: boolean, isMade: boolean): string {
  if (!isWrite) return "a read is made again";
  return isMade
    ? "an upload that was made is found and not made again"
    : "one that was not made is made once";
}
