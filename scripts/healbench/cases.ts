/** Reads a catalogue of failures: one JSON object a line. @module */

import { HealingError, messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { z } from "../../supabase/functions/_shared/core/validation.ts";

const jwt = z.record(z.string(), z.unknown());

/** One thing that is done to the database: a text of SQL, or a write as the REST interface makes it. */
const step = z.looseObject({
  sql: z.string().optional(),
  insert: z.string().optional(),
  payload: z.unknown().optional(),
  returning: z.boolean().optional(),
  columns: z.array(z.string()).optional(),
  on_conflict: z.tuple([z.array(z.string()), z.string()]).optional(),
  role: z.string().optional(),
  jwt: jwt.optional(),
  set: z.record(z.string(), z.string()).optional(),
  /** Steps of one session share a connection. */
  session: z.union([z.string(), z.number()]).optional(),
});

const row = z.looseObject({
  id: z.string().min(1),
  layer: z.string().min(1),
  title: z.string().default(""),
  error: z.looseObject({
    source: z.string().nullish(),
    sqlstate: z.string().nullish(),
    pgrst_code: z.string().nullish(),
    code: z.unknown().optional(),
    http_status: z.number().nullish(),
    message: z.string().nullish(),
    message_regex: z.string().nullish(),
    body: z.unknown().optional(),
    silent: z.boolean().nullish(),
  }),
  reproduce: z.looseObject({
    kind: z.string(),
    search_path: z.string().nullish(),
    setup: z.array(step).nullish(),
    trigger: z.array(step).nullish(),
  }),
  fix_sql: z.array(z.union([z.string(), step])).nullish(),
  verify: z.looseObject({
    steps: z.array(z.object({ step, expect: z.unknown() })).nullish(),
  }).nullish(),
  risk: z.enum(["low", "medium", "high"]),
  retry_safe_unchanged: z.boolean().nullish(),
  never_fix_when: z.array(z.string()).nullish(),
});

/** One thing that is done to the database. */
export type Step = z.infer<typeof step>;

/** One failure of a catalogue. */
export type Case = z.infer<typeof row>;

/** Our own rows: what tests and CI run. */
export const OWN_CASES = decodeURIComponent(new URL("cases.jsonl", import.meta.url).pathname);

/** Reads a catalogue; rejects with the line that is not of its form. */
export async function readCases(file: string): Promise<Case[]> {
  const lines = (await Deno.readTextFile(file)).split("\n");
  return lines.flatMap((line, index) => line.trim() === "" ? [] : [readCase(line, `${file}:${index + 1}`)]);
}

function readCase(line: string, place: string): Case {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new HealingError("BAD_REQUEST", `${place} is no JSON: ${messageOf(error)}`, {
      hint: "Write one JSON object a line",
    });
  }
  const parsed = row.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new HealingError("BAD_REQUEST", `${place} is no row: ${z.prettifyError(parsed.error)}`, {
    hint: "The fields are described in scripts/healbench/cases.ts",
  });
}
