/**
 * What a model has to answer: an explanation, likely causes, and proposals that are fixes of kinds it may name.
 *
 * A reply that holds anything else is no answer: an unknown kind, a parameter that its kind does not have, or prose in
 * the place of a value. Nothing of it is ever executed; a proposal is a value like any other until the engine's
 * pipeline has judged it.
 *
 * @module
 */

import { isRecord } from "../core/unknownValues.ts";
import { z } from "../core/validation.ts";
import { type FixAction, schemaOf } from "../fixActions.ts";
import { MODEL_KINDS } from "./modelKinds.ts";
import type { JsonSchemaValue } from "./types.ts";

/** What a model said, as it is kept. */
export interface ModelReply {
  explanation: string;
  causes: string[];
  proposals: { action: FixAction; confidence: number; because: string }[];
}

// Each kind's own schema is an object whose `kind` is a constant, which is all that the union needs.
const kinds = MODEL_KINDS.map(schemaOf) as unknown as [z.ZodObject, ...z.ZodObject[]];

/** Judges a reply. */
export const modelReply = z.strictObject({
  explanation: z.string().min(1).max(4_000),
  causes: z.array(z.string().min(1).max(1_000)).max(10),
  proposals: z.array(z.strictObject({
    action: z.discriminatedUnion("kind", kinds),
    confidence: z.number().min(0).max(1),
    because: z.string().min(1).max(1_000),
  })).max(5),
}) as unknown as z.ZodType<ModelReply>;

/** The same, as it is told to the model. */
export function replySchema(): Record<string, JsonSchemaValue> {
  return plain(z.toJSONSchema(modelReply) as JsonSchemaValue) as Record<string, JsonSchemaValue>;
}

/** Limits that strict endpoints do not know; the schema itself still judges them. */
const LIMITS: ReadonlySet<string> = new Set(
  ["$schema", "minLength", "maxLength", "pattern", "minimum", "maximum", "minItems", "maxItems"],
);

function plain(schema: JsonSchemaValue): JsonSchemaValue {
  if (Array.isArray(schema)) return schema.map(plain);
  if (!isRecord(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).filter(([key]) => !LIMITS.has(key)).map(([key, value]) => [
      key === "oneOf" ? "anyOf" : key,
      plain(value as JsonSchemaValue),
    ]),
  );
}
