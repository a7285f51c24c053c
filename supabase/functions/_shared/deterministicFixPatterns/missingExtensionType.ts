/** A type that an extension provides does not exist: install the extension. @module */

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

/** The rule `missing_extension_type`. */
export const missingExtensionType: DeterministicRule = {
  key: "missing_extension_type",
  confidence: 0.97,
  because: "the type belongs to an extension that is not installed",
  propose({ code, message }) {
    if (!hasCode(code, "42704")) return null;
    const match =
      /^type "?(?:(?:extensions|public)\.)?([A-Za-z_][A-Za-z0-9_]{0,62})(?:\[\])?"? does not exist/
        .exec(message);
    const name = match?.[1]?.toLowerCase() ?? "";
    const extension = Object.hasOwn(EXTENSION_OF, name) ? EXTENSION_OF[name] : undefined;
    return extension === undefined ? null : { kind: "create_extension", extension, provides: name };
  },
};
