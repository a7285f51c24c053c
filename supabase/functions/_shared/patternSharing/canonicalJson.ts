/** One text for one value, so that a signature does not depend on who wrote the spaces and the order of keys. @module */

import type { Json } from "../core/ports.ts";

/** The value as JSON without spaces, keys in the order of their code units; numbers as JSON prints them. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.keys(value).sort().map((key) =>
    `${JSON.stringify(key)}:${canonicalJson(value[key]!)}`
  );
  return `{${entries.join(",")}}`;
}
