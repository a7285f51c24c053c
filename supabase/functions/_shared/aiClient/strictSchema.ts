/**
 * A JSON Schema as strict endpoints want it: every object closed, every key required, an optional one nullable
 * instead. A null that only this allowed is taken out of the reply again, so that the schema means what it meant.
 *
 * @module
 */

import { isRecord } from "../core/unknownValues.ts";
import type { JsonObject, JsonValue } from "../robustJsonParser.ts";

const MAX_DEPTH = 50;

/** The schema with all objects closed and all keys required. */
export function toStrictSchema(schema: JsonObject): JsonObject {
  return strict(schema, 0) as JsonObject;
}

/** The value without the nulls that stand for a left-out key. */
export function withoutStandIns(value: JsonValue, schema: JsonValue | undefined, depth = 0): JsonValue {
  if (!isRecord(schema) || depth > MAX_DEPTH) return value;
  if (Array.isArray(value)) return value.map((item) => withoutStandIns(item, schema.items, depth + 1));
  const { properties, required } = schema;
  if (!isRecord(value) || !isRecord(properties)) return value;
  const needed = new Set(Array.isArray(required) ? required : []);
  const kept = Object.entries(value).filter(([key, inner]) =>
    inner !== null || needed.has(key) || allowsNull(properties[key]) || !Object.hasOwn(properties, key)
  );
  return Object.fromEntries(
    kept.map(([key, inner]) => [
      key,
      withoutStandIns(inner, Object.hasOwn(properties, key) ? properties[key] : undefined, depth + 1),
    ]),
  );
}

function strict(schema: JsonValue, depth: number): JsonValue {
  if (depth > MAX_DEPTH) return schema;
  if (Array.isArray(schema)) return schema.map((item) => strict(item, depth + 1));
  if (!isRecord(schema)) return schema;
  const { properties, required } = schema;
  const inner = Object.entries(schema).map(([key, value]) =>
    [
      key,
      key === "enum" || key === "const" || key === "properties" ? value : strict(value, depth + 1),
    ] as const
  );
  if (!isRecord(properties)) return Object.fromEntries(inner);
  const needed = new Set(Array.isArray(required) ? required : []);
  const all = Object.entries(properties).map(([key, value]) => {
    const closed = strict(value, depth + 1);
    return [key, needed.has(key) ? closed : nullable(closed)] as const;
  });
  return {
    ...Object.fromEntries(inner),
    properties: Object.fromEntries(all),
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

function nullable(schema: JsonValue): JsonValue {
  if (!isRecord(schema) || allowsNull(schema)) return schema;
  const { type } = schema;
  if (typeof type === "string" && schema.enum === undefined && schema.const === undefined) {
    return { ...schema, type: [type, "null"] };
  }
  return { anyOf: [schema, { type: "null" }] };
}

function allowsNull(schema: JsonValue | undefined): boolean {
  if (!isRecord(schema)) return false;
  const { type, anyOf } = schema;
  if (type === "null" || (Array.isArray(type) && type.includes("null"))) return true;
  return Array.isArray(anyOf) && anyOf.some(allowsNull);
}
