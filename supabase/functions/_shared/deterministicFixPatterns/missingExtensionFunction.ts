/** A function that an extension provides does not exist: install the extension. @module */

import { type DeterministicRule, hasCode } from "./rule.ts";

/** Functions that name their extension beyond doubt; a name that user code is likely to have is not here. */
const PROVIDERS: Readonly<Record<string, readonly string[]>> = {
  "uuid-ossp": [
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v3",
    "uuid_generate_v4",
    "uuid_generate_v5",
  ],
  pgcrypto: [
    "digest",
    "hmac",
    "crypt",
    "gen_salt",
    "gen_random_bytes",
    "pgp_sym_encrypt",
    "pgp_sym_decrypt",
    "pgp_pub_encrypt",
    "pgp_pub_decrypt",
    "armor",
    "dearmor",
  ],
  pg_trgm: [
    "similarity",
    "word_similarity",
    "strict_word_similarity",
    "show_trgm",
  ],
  unaccent: ["unaccent"],
  citext: ["citext"],
  fuzzystrmatch: [
    "levenshtein",
    "levenshtein_less_equal",
    "soundex",
    "metaphone",
    "dmetaphone",
    "daitch_mokotoff",
  ],
  tablefunc: [
    "crosstab",
    "crosstab2",
    "crosstab3",
    "crosstab4",
    "connectby",
    "normal_rand",
  ],
  hstore: ["hstore", "hstore_to_json", "hstore_to_jsonb", "akeys", "avals"],
  ltree: ["text2ltree", "ltree2text", "subltree", "nlevel"],
  intarray: ["icount", "sort_asc", "sort_desc", "uniq", "subarray"],
  earthdistance: ["earth_distance", "ll_to_earth", "earth_box"],
  moddatetime: ["moddatetime"],
  vector: ["l2_distance", "cosine_distance", "inner_product", "vector_dims"],
  postgis: [
    "st_makepoint",
    "st_distance",
    "st_dwithin",
    "st_geomfromtext",
    "st_setsrid",
    "st_contains",
  ],
};

const EXTENSION_OF = new Map(
  Object.entries(PROVIDERS).flatMap(([extension, names]) => names.map((name) => [name, extension] as const)),
);

/** Every function that names its extension. */
export const PROVIDED_FUNCTIONS: readonly string[] = [...EXTENSION_OF.keys()];

/** The rule `missing_extension_function`. */
export const missingExtensionFunction: DeterministicRule = {
  key: "missing_extension_function",
  confidence: 0.97,
  because: "the function belongs to an extension that is not installed",
  propose({ code, message }) {
    if (!hasCode(code, "42883")) return null;
    // Schema-qualified calls name their place themselves; only the two usual ones can be meant.
    const match = /^function (?:(?:extensions|public)\.)?"?([A-Za-z_][A-Za-z0-9_]{0,62})"?\(/
      .exec(message);
    const name = match?.[1]?.toLowerCase();
    const extension = name === undefined ? undefined : EXTENSION_OF.get(name);
    return extension === undefined ? null : { kind: "create_extension", extension, provides: name! };
  },
};
