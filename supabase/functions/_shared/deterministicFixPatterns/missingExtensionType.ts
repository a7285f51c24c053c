/** A type or an operator class that an extension provides does not exist: install the extension. @module */

import { type DeterministicRule, hasCode } from "./rule.ts";

const EXTENSION_OF: Readonly<Record<string, string>> = {
  citext: "citext",
  hstore: "hstore",
  ltree: "ltree",
  lquery: "ltree",
  cube: "cube",
  isbn: "isn",
  isbn13: "isn",
  ean13: "isn",
  vector: "vector",
  halfvec: "vector",
  geometry: "postgis",
  geography: "postgis",
};

/** Every type that names its extension. */
export const PROVIDED_TYPES: readonly string[] = Object.keys(EXTENSION_OF);

/** Operator classes and access methods by which an index names an extension. */
const EXTENSION_OF_INDEX: Readonly<Record<string, string>> = {
  gin_trgm_ops: "pg_trgm",
  gist_trgm_ops: "pg_trgm",
  gin_int_ops: "btree_gin",
  gin_text_ops: "btree_gin",
  gist_int4_ops: "btree_gist",
  gist_text_ops: "btree_gist",
  gist_uuid_ops: "btree_gist",
  gin__int_ops: "intarray",
  gist__int_ops: "intarray",
  vector_l2_ops: "vector",
  vector_ip_ops: "vector",
  vector_cosine_ops: "vector",
  hnsw: "vector",
  ivfflat: "vector",
};

/**
 * Types that only this extension puts into a gist index, as an exclusion of overlaps needs it. A text is not here: who
 * indexes one so may as well have wanted its trigrams.
 */
const GIST_CLASS_OF: Readonly<Record<string, string>> = {
  smallint: "gist_int2_ops",
  integer: "gist_int4_ops",
  bigint: "gist_int8_ops",
  numeric: "gist_numeric_ops",
  uuid: "gist_uuid_ops",
  date: "gist_date_ops",
  "timestamp without time zone": "gist_timestamp_ops",
  "timestamp with time zone": "gist_timestamptz_ops",
};

/** The rule `missing_extension_type`. */
export const missingExtensionType: DeterministicRule = {
  key: "missing_extension_type",
  confidence: 0.97,
  because: "it belongs to an extension that is not installed",
  propose({ code, message }) {
    if (!hasCode(code, "42704")) return null;
    const index =
      /^(?:operator class|access method) "(\w{1,63})" does not exist/.exec(message)?.[1]?.toLowerCase() ?? "";
    if (Object.hasOwn(EXTENSION_OF_INDEX, index)) {
      return { kind: "create_extension", extension: EXTENSION_OF_INDEX[index]!, provides: index };
    }
    const plain =
      /^data type ([a-z ]{1,40}) has no default operator class for access method "gist"/.exec(message)
        ?.[1] ?? "";
    if (Object.hasOwn(GIST_CLASS_OF, plain)) {
      return { kind: "create_extension", extension: "btree_gist", provides: GIST_CLASS_OF[plain]! };
    }
    const match =
      /^type "?(?:(?:extensions|public)\.)?([A-Za-z_][A-Za-z0-9_]{0,62})(?:\[\])?"? does not exist/
        .exec(message);
    const name = match?.[1]?.toLowerCase() ?? "";
    const extension = Object.hasOwn(EXTENSION_OF, name) ? EXTENSION_OF[name] : undefined;
    return extension === undefined ? null : { kind: "create_extension", extension, provides: name };
  },
};
