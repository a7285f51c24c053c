/** Reads a type's name, as Postgres prints it or as people write it. @module */

/** A column's type, as far as values are judged by it. */
export type ColumnType =
  | { family: "integer"; min: bigint; max: bigint }
  | { family: "numeric"; precision: number | null; scale: number | null }
  | { family: "text"; maxLength: number | null }
  | { family: "enum"; labels: readonly string[] }
  | { family: "array"; element: ColumnType }
  | { family: "vector"; dimensions: number | null }
  /** The largest number that it holds. */
  | { family: "float"; largest: number }
  | { family: "boolean" | "uuid" | "json" | "network" | "hardware" }
  | { family: "timestamptz" | "timestamp" | "date" | "time" | "interval" }
  | { family: "other" };

const PLAIN: Readonly<Record<string, ColumnType["family"]>> = {
  boolean: "boolean",
  bool: "boolean",
  uuid: "uuid",
  json: "json",
  jsonb: "json",
  inet: "network",
  cidr: "network",
  macaddr: "hardware",
  macaddr8: "hardware",
  timestamptz: "timestamptz",
  "timestamp with time zone": "timestamptz",
  timestamp: "timestamp",
  "timestamp without time zone": "timestamp",
  date: "date",
  time: "time",
  timetz: "time",
  "time without time zone": "time",
  "time with time zone": "time",
  interval: "interval",
};

const LARGEST: Readonly<Record<string, number>> = {
  float8: Number.MAX_VALUE,
  "double precision": Number.MAX_VALUE,
  float: Number.MAX_VALUE,
  float4: 3.4028234e38,
  real: 3.4028234e38,
};

const BITS: Readonly<Record<string, bigint>> = {
  smallint: 15n,
  int2: 15n,
  smallserial: 15n,
  integer: 31n,
  int: 31n,
  int4: 31n,
  serial: 31n,
  bigint: 63n,
  int8: 63n,
  bigserial: 63n,
};

const TEXTS = new Set([
  "text",
  "character varying",
  "varchar",
  "character",
  "char",
  "bpchar",
  "citext",
  "name",
]);

/** Types come again with every row, and reading one costs more than looking it up. */
const read = new Map<string, ColumnType>();
const MOST_REMEMBERED = 500;
const LONGEST_REMEMBERED = 100;

/** The type behind a name; `other` for one that nobody taught us. */
export function parseType(
  name: string,
  labels?: readonly string[] | null,
  maxLength?: number | null,
): ColumnType {
  if ((labels ?? null) !== null || (maxLength ?? null) !== null || name.length > LONGEST_REMEMBERED) {
    return readType(name, labels, maxLength);
  }
  const known = read.get(name);
  if (known !== undefined) return known;
  const type = readType(name);
  if (read.size >= MOST_REMEMBERED) read.clear();
  read.set(name, type);
  return type;
}

function readType(
  name: string,
  labels?: readonly string[] | null,
  maxLength?: number | null,
): ColumnType {
  if (name.endsWith("[]")) {
    return { family: "array", element: readType(name.slice(0, -2), labels, maxLength) };
  }
  if (labels !== undefined && labels !== null && labels.length > 0) return { family: "enum", labels };
  const written = /^enum\((.*)\)$/s.exec(name);
  if (written !== null) return { family: "enum", labels: written[1]!.split("|") };
  const { word, limits } = parts(name);
  if (Object.hasOwn(BITS, word)) {
    return { family: "integer", min: -(2n ** BITS[word]!), max: 2n ** BITS[word]! - 1n };
  }
  if (word === "numeric" || word === "decimal") {
    const precision = limits[0] ?? null;
    return { family: "numeric", precision, scale: precision === null ? null : limits[1] ?? 0 };
  }
  if (TEXTS.has(word)) return { family: "text", maxLength: limits[0] ?? maxLength ?? bare(word, name) };
  if (Object.hasOwn(LARGEST, word)) return { family: "float", largest: LARGEST[word]! };
  if (word === "vector" || word === "halfvec") return { family: "vector", dimensions: limits[0] ?? null };
  return { family: Object.hasOwn(PLAIN, word) ? PLAIN[word]! : "other" } as ColumnType;
}

/** `character(3)` → `character` and 3; a schema in front and a precision in the middle say nothing here. */
function parts(name: string): { word: string; limits: number[] } {
  const lower = name.slice(0, 200).trim().toLowerCase().replace(/^"?[a-z_]+"?\.(?=[a-z"])/, "");
  const limits = /\(([\d\s,]+)\)/.exec(lower)?.[1]?.split(",").map(Number) ?? [];
  return { word: lower.replace(/\s*\([^)]*\)\s*/, " ").replaceAll('"', "").trim(), limits };
}

/** `char` without a length holds one character. */
function bare(word: string, name: string): number | null {
  return (word === "char" || word === "character") && !name.includes("(") ? 1 : null;
}
