/**
 * The JSON parser against `JSON.parse` and its peers, ratios in one run.
 *
 * jsonrepair needs seconds for a megabyte with many defects, so it stands only where it ends soon; the table that
 * includes it is made by `jsonParserPeers.ts`.
 *
 * @module
 */

import { createJsonStream, parseJson } from "../../supabase/functions/_shared/robustJsonParser.ts";
import { readWithAiSdk } from "./peers/aiSdk.ts";
import { readWithBestEffort } from "./peers/bestEffort.ts";
import { readWithJsonrepair } from "./peers/jsonrepair.ts";
import { readWithPartialJson } from "./peers/partialJson.ts";
import { ONE_DEFECT, REPLY, TWO_DEFECTS, VALID } from "./peers/texts.ts";

const FEW = { n: 10, warmup: 2 };
const CHUNK = 8;

Deno.bench({ name: "JSON.parse", group: "valid 1 MB", baseline: true, fn: () => void JSON.parse(VALID) });
Deno.bench({ name: "parseJson", group: "valid 1 MB", fn: () => void parseJson(VALID) });
Deno.bench({ name: "jsonrepair", group: "valid 1 MB", ...FEW, fn: () => void readWithJsonrepair(VALID) });
Deno.bench({ name: "partial-json", group: "valid 1 MB", ...FEW, fn: () => void readWithPartialJson(VALID) });
Deno.bench({ name: "best-effort", group: "valid 1 MB", ...FEW, fn: () => void readWithBestEffort(VALID) });
Deno.bench({ name: "ai", group: "valid 1 MB", ...FEW, fn: async () => void await readWithAiSdk(VALID) });

Deno.bench({
  name: "JSON.parse without the defect",
  group: "one defect in 1 MB",
  baseline: true,
  fn: () => void JSON.parse(VALID),
});
Deno.bench({ name: "parseJson", group: "one defect in 1 MB", fn: () => void parseJson(ONE_DEFECT) });
Deno.bench({
  name: "jsonrepair",
  group: "one defect in 1 MB",
  ...FEW,
  fn: () => void readWithJsonrepair(ONE_DEFECT),
});

Deno.bench({
  name: "JSON.parse without the defects",
  group: "two defects a record in 1 MB",
  baseline: true,
  fn: () => void JSON.parse(VALID),
});
Deno.bench({
  name: "parseJson",
  group: "two defects a record in 1 MB",
  fn: () => void parseJson(TWO_DEFECTS),
});

Deno.bench({
  name: "createJsonStream",
  group: "40 kB in 8-character chunks",
  baseline: true,
  fn: () => {
    const stream = createJsonStream();
    for (let at = 0; at < REPLY.length; at += CHUNK) stream.push(REPLY.slice(at, at + CHUNK));
    stream.end();
  },
});
Deno.bench({
  name: "ai, every prefix",
  group: "40 kB in 8-character chunks",
  n: 1,
  warmup: 0,
  fn: async () => {
    for (let at = CHUNK; at <= REPLY.length; at += CHUNK) await readWithAiSdk(REPLY.slice(0, at));
  },
});
