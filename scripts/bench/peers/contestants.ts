/** Who is measured: our parser, its peers, and JSON.parse for the scale. @module */

import { parseJson } from "../../../supabase/functions/_shared/robustJsonParser.ts";

/** Reads a text; throws or rejects when it gives up. */
export type Read = (text: string) => unknown;

/** One parser. It is loaded when it is measured, so that the weight of one does not slow another. */
export interface Contestant {
  name: string;
  load: () => Promise<Read>;
}

function readWithOurs(text: string): unknown {
  const result = parseJson(text);
  if (!result.ok) throw result.error;
  return result.value;
}

/** All of them, ours first. */
export const CONTESTANTS: readonly Contestant[] = [
  { name: "robustJsonParser", load: () => Promise.resolve(readWithOurs) },
  { name: "jsonrepair 3.15.0", load: async () => (await import("./jsonrepair.ts")).readWithJsonrepair },
  { name: "partial-json 0.1.7", load: async () => (await import("./partialJson.ts")).readWithPartialJson },
  {
    name: "best-effort-json-parser 1.5.1",
    load: async () => (await import("./bestEffort.ts")).readWithBestEffort,
  },
  { name: "ai 7.0.173 parsePartialJson", load: async () => (await import("./aiSdk.ts")).readWithAiSdk },
  { name: "JSON.parse", load: () => Promise.resolve(JSON.parse) },
];
