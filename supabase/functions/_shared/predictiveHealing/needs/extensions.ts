/** Extensions: what only an extension provides, and is used. @module */

import { eachNode, namesIn, type SqlNode } from "../../core/sqlSyntax.ts";
import { isRecord } from "../../core/unknownValues.ts";
import type { Need } from "../need.ts";
import { keyOf, listOf, relationOf } from "../nodes.ts";
import { callsIn, placeIn, type ReadStatement, splitName } from "../scripts.ts";
import { madeBefore, type ProjectRead } from "./context.ts";

/** What each extension provides under names that nothing else has. */
const PROVIDED: {
  [extension: string]: { functions?: string; types?: string; classes?: string; methods?: string };
} = {
  "uuid-ossp": {
    functions:
      "uuid_generate_v1 uuid_generate_v1mc uuid_generate_v3 uuid_generate_v4 uuid_generate_v5 uuid_ns_dns uuid_ns_url uuid_nil",
  },
  pgcrypto: {
    functions:
      "gen_salt crypt digest hmac gen_random_bytes pgp_sym_encrypt pgp_sym_decrypt pgp_pub_encrypt pgp_pub_decrypt",
  },
  pg_trgm: {
    functions: "similarity word_similarity strict_word_similarity show_trgm",
    classes: "gin_trgm_ops gist_trgm_ops",
  },
  citext: { types: "citext" },
  unaccent: { functions: "unaccent" },
  fuzzystrmatch: { functions: "levenshtein soundex metaphone dmetaphone difference daitch_mokotoff" },
  tablefunc: { functions: "crosstab connectby normal_rand" },
  hstore: { types: "hstore" },
  ltree: { types: "ltree lquery ltxtquery" },
  intarray: { classes: "gin__int_ops gist__int_ops" },
  cube: { types: "cube" },
  earthdistance: { functions: "ll_to_earth earth_distance earth_box", types: "earth" },
  isn: { types: "isbn isbn13 issn ean13" },
  moddatetime: { functions: "moddatetime" },
  vector: {
    types: "vector halfvec sparsevec",
    classes: "vector_cosine_ops vector_l2_ops vector_ip_ops",
    methods: "hnsw ivfflat",
  },
  postgis: {
    functions:
      "st_makepoint st_point st_dwithin st_distance st_setsrid st_geomfromtext st_contains st_intersects st_astext st_asgeojson",
    types: "geometry geography",
  },
};

/** Extensions that bring a schema of their own. */
const BY_SCHEMA: { [schema: string]: string } = { cron: "pg_cron", net: "pg_net", pgmq: "pgmq" };

type Sort = "functions" | "types" | "classes" | "methods";

const PROVIDERS = new Map<string, string>(
  Object.entries(PROVIDED).flatMap(([extension, sorts]) =>
    Object.entries(sorts).flatMap(([sort, names]) =>
      names.split(" ").map((name): [string, string] => [`${sort} ${name}`, extension])
    )
  ),
);

/** The needs for extensions. */
export function extensionNeeds({ statements, model }: ProjectRead): Need[] {
  const own = new Set(model.functions.map(({ name }) => name));
  return statements.flatMap((statement) =>
    usesIn(statement, model)
      .filter(({ provides }) => !own.has(provides))
      .map(({ extension, provides, node }): Need => ({
        subject: { kind: "extension", extension, provides },
        place: placeIn(statement, node),
        why: `${provides} comes with the extension ${extension}, and the statement fails without it`,
        satisfy:
          `create extension if not exists "${extension}" with schema extensions, in an earlier statement`,
        ...madeBefore(model.extensions.get(extension), statement),
        certainty: "sure",
      }))
  );
}

interface Use {
  extension: string;
  provides: string;
  node: unknown;
}

function usesIn(statement: ReadStatement, model: ProjectRead["model"]): Use[] {
  const uses: Use[] = [];
  const add = (sort: Sort, names: readonly string[], node: unknown) => {
    const { schema, name } = splitName(names);
    // A function of a schema of the project's own is its own.
    const isElsewhere = schema !== null && schema !== "extensions" && schema !== "public";
    const extension = isElsewhere ? undefined : PROVIDERS.get(`${sort} ${name}`);
    if (extension !== undefined) uses.push({ extension, provides: name, node });
  };
  for (const { schema, name, node } of callsIn(statement.node)) {
    add("functions", schema === null ? [name] : [schema, name], node);
    const whole = schema === null ? undefined : BY_SCHEMA[schema];
    if (whole !== undefined) uses.push({ extension: whole, provides: name, node });
  }
  for (const key of ["TypeName", "typeName", "argType", "returnType"]) {
    eachNode(statement.node, key, (node) => add("types", namesIn(node.names), node));
  }
  if (statement.kind === "CreateTrigStmt") add("functions", namesIn(statement.node.funcname), null);
  if (statement.kind === "IndexStmt") uses.push(...usesOfIndex(statement.node, model, add));
  eachNode(statement.node, "Constraint", (node) => {
    if (needsScalarGist(node)) uses.push({ extension: "btree_gist", provides: "gist_int4_ops", node });
  });
  return uses;
}

function usesOfIndex(
  node: SqlNode,
  model: ProjectRead["model"],
  add: (sort: Sort, names: readonly string[], node: unknown) => void,
): Use[] {
  add("methods", [String(node.accessMethod)], null);
  const table = model.tables.get(keyOf(relationOf(node.relation)));
  const uses: Use[] = [];
  for (const { IndexElem } of listOf(node.indexParams)) {
    if (!isRecord(IndexElem)) continue;
    add("classes", namesIn(IndexElem.opclass), null);
    const type = table?.columns.get(String(IndexElem.name))?.type ?? "";
    const isPlain = IndexElem.opclass === undefined &&
      /^(text|varchar|int[248]|uuid|bool|date|timestamptz?)$/.test(type);
    if (isPlain && node.accessMethod === "gin") {
      uses.push({ extension: "btree_gin", provides: "text_ops", node: null });
    }
  }
  return uses;
}

/** `exclude using gist (room with =, …)`: equality of scalars is not in gist by itself. */
function needsScalarGist(node: SqlNode): boolean {
  if (node.contype !== "CONSTR_EXCLUSION" || node.access_method !== "gist") return false;
  return listOf(node.exclusions).some(({ List }) => {
    const [, operator] = listOf((List as SqlNode).items);
    return namesIn((operator?.List as SqlNode | undefined)?.items).includes("=");
  });
}
