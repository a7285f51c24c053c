/** The shape of a plan: what a model has to reply, and what is kept between two workers. @module */

import { isRecord } from "../core/unknownValues.ts";
import { z } from "../core/validation.ts";
import type { JsonValue } from "../robustJsonParser.ts";

function text(length: number) {
  return z.string().transform((value) => value.slice(0, length));
}

const plannedFile = z.object({ path: z.string(), purpose: text(500).default("") });

/** A reply: whether it is the last one is said by the model. */
export const planReply = z.object({
  title: text(200).default(""),
  description: text(2_000).default(""),
  files: z.array(plannedFile),
  done: z.boolean().default(true),
});

/** What a model has replied. */
export type PlanReply = z.infer<typeof planReply>;

/** A plan as a checkpoint keeps it. */
export const planSoFar = z.object({
  title: z.string(),
  description: z.string(),
  files: z.array(z.object({ path: z.string(), purpose: z.string() })),
  isWhole: z.boolean(),
  parts: z.int().min(0),
});

/** The same for endpoints that enforce it. */
export const PLAN_JSON_SCHEMA: Record<string, JsonValue> = {
  type: "object",
  additionalProperties: false,
  required: ["title", "description", "files", "done"],
  properties: {
    title: { type: "string" },
    description: { type: "string" },
    files: {
      type: "array",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["path", "purpose"],
        properties: { path: { type: "string" }, purpose: { type: "string" } },
      },
    },
    done: { type: "boolean" },
  },
};

/**
 * What of a cut reply is whole; undefined when it has no files at all. The last file may have been cut in the middle of
 * its path, so it is asked for again.
 */
export function partOfPlan(value: unknown): PlanReply | undefined {
  if (!isRecord(value) || !Array.isArray(value.files)) return undefined;
  const read = planReply.safeParse({ ...value, files: value.files.slice(0, -1), done: false });
  return read.success ? read.data : undefined;
}
