/** What a Postgres type is in the JSON that PostgREST sends. @module */

const NAMES: Readonly<Record<string, string>> = {
  bool: "boolean",
  int2: "number",
  int4: "number",
  int8: "number",
  float4: "number",
  float8: "number",
  numeric: "number",
  json: "Json",
  jsonb: "Json",
  void: "undefined",
  record: "Record<string, unknown>",
};

/** The TypeScript type for a Postgres type; a row type is any object, and what is unknown is a string as in JSON. */
export function typeOf(type: string, category: string): string {
  if (type.startsWith("_")) return `${arrayElement(typeOf(type.slice(1), ""))}[]`;
  return NAMES[type] ?? (category === "C" ? "Record<string, unknown>" : "string");
}

function arrayElement(element: string): string {
  return /\W/.test(element) ? `(${element})` : element;
}
