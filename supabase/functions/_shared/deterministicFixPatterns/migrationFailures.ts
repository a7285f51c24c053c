/** Failures of a migration that its own text can mend: each with the transforms that may help, in their order. @module */

import type { DeterministicRule } from "./rule.ts";

/** One failure: its codes, its words with the name of what it is about, and the transforms. */
type Failure = readonly [
  key: string,
  codes: string,
  words: RegExp,
  transforms: readonly (readonly [transform: string, confidence: number, because: string])[],
];

const EXISTS = [[
  "skip_existing",
  0.95,
  "what exists with the same definition need not be made again",
]] as const;
const REORDER = ["reorder", 0.9, "a later statement of the migration makes what is missing"] as const;
const SKIP_MISSING = ["skip_missing", 0.95, "what is not there need not be dropped"] as const;
const QUALIFY = ["qualify_name", 0.97, "it exists in one schema that is not on the path"] as const;
const QUOTE = ["quote_identifier", 0.9, "one name is spelled so, in mixed case"] as const;
const RENAMED = ["skip_renamed", 0.9, "the new name is there and the old one is gone"] as const;
const DIALECT = ["translate_dialect", 0.9, "the word is another database's, with one meaning here"] as const;

/** Which words stop a migration, and what of its text mends it. */
const FAILURES: readonly Failure[] = [
  ["relation_exists", "42P07", /^relation "([^"]+)" already exists/, EXISTS],
  ["member_exists", "42710", /^relation "([^"]+)" is already member of publication/, EXISTS],
  [
    "object_exists",
    "42710",
    /^(?:[a-z ]+) "([^"]+)"(?: for (?:table|relation) "[^"]+")? already exists/,
    EXISTS,
  ],
  ["member_absent", "42704", /^relation "([^"]+)" is not part of the publication/, [
    ["skip_existing", 0.95, "what is no member need not be taken out"],
  ]],
  ["label_renamed", "22023", /^"([^"]+)" is not an existing enum label/, [RENAMED]],
  ["column_exists", "42701", /^column "([^"]+)" of relation "[^"]+" already exists/, EXISTS],
  ["schema_exists", "42P06", /^schema "([^"]+)" already exists/, EXISTS],
  ["function_exists", "42723", /^function "?([^"(]+)"?(?:\(.*\))? already exists/, EXISTS],
  ["key_exists", "42P16", /^multiple primary keys for table "([^"]+)"/, EXISTS],
  [
    "clause_of_another_kind",
    "42601",
    /^syntax error at or near "(not|exists|or|if|policy|table|type|index|trigger|materialized|unique|sequence|domain|schema|extension|publication|role)"/i,
    [
      ["strip_clause", 0.9, "this kind of statement does not have the clause"],
    ],
  ],
  ["word_of_another_database", "42601", /^syntax error at or near "([^\n]{1,60})"/, [DIALECT]],
  ["insert_policy_with_using", "42601", /^(only WITH CHECK expression allowed for INSERT)/, [
    ["move_using", 0.85, "an insert policy has its condition in the check"],
  ]],
  ["type_missing", "42704", /^type "([^"]+)" does not exist/, [
    SKIP_MISSING,
    RENAMED,
    REORDER,
    QUALIFY,
    DIALECT,
  ]],
  ["operator_class_missing", "42704", /^operator class "([^"]+)" does not exist/, [QUALIFY]],
  [
    "member_missing",
    "42704",
    /^[a-z ]+ "([^"]+)"(?: (?:of relation|for table|for relation) "[^"]+")? does not exist/,
    [
      SKIP_MISSING,
      RENAMED,
      REORDER,
    ],
  ],
  [
    "relation_missing",
    "42P01",
    /^(?:relation|table|view|sequence|materialized view) "([^"]+)" does not exist/,
    [
      SKIP_MISSING,
      RENAMED,
      REORDER,
      QUOTE,
    ],
  ],
  ["function_missing", "42883", /^(?:function|procedure|aggregate|routine) ([^\n]{1,200}) does not exist/, [
    SKIP_MISSING,
    RENAMED,
    REORDER,
    QUALIFY,
  ]],
  ["function_not_found", "42883", /^could not find a (?:function|procedure|routine) named "([^"]+)"/, [
    SKIP_MISSING,
  ]],
  ["schema_missing", "3F000", /^schema "([^"]+)" does not exist/, [SKIP_MISSING, REORDER]],
  ["column_missing", "42703", /^column "?([^" ]+)"?(?: of relation "[^"]+")? does not exist/, [
    SKIP_MISSING,
    RENAMED,
    REORDER,
    QUOTE,
  ]],
  ["text_in_double_quotes", "42703", /^column "([^"]+)" does not exist/, [
    ["quote_text", 0.9, "what stands in double quotes is a name, and among values only a text can be meant"],
  ]],
  ["outside_of_transaction", "25001", /^([A-Z][A-Z ]+?) cannot (?:run|be executed)/, [
    ["run_alone", 0.95, "the statement needs a transaction of its own"],
  ]],
  ["label_not_committed", "55P04", /^unsafe use of new value "([^"]+)"/, [
    ["add_label_first", 0.95, "a label can be used once it is committed"],
  ]],
  ["cast_missing", "42804", /^column "([^"]+)" cannot be cast automatically/, [
    ["cast_column", 0.85, "the change of type says how, once every value is seen to survive it"],
  ]],
  ["default_cast_missing", "42804", /^default for column "([^"]+)" cannot be cast automatically/, [
    ["cast_default", 0.85, "the default is dropped, and set again in the new type"],
  ]],
  ["key_of_another_type", "42804", /^foreign key constraint "([^"]+)" cannot be implemented/, [
    ["match_key_type", 0.85, "a key has the type of what it references"],
  ]],
  ["text_for_json", "22P02", /^invalid input syntax for type (jsonb?)\b/, [
    ["wrap_json", 0.9, "a plain text is a JSON text once it is written as one"],
  ]],
  ["index_on_view", "42809", /^cannot create index on (?:relation|view) "([^"]+)"/, [
    ["index_base_table", 0.8, "an index belongs to the table that the view reads"],
  ]],
  ["version_taken", "23505", /^duplicate key value violates unique constraint "(schema_migrations_pkey)"/, [
    ["next_version", 0.85, "another migration has the version, and the next one is free"],
  ]],
  ["seed_row_exists", "23505", /^duplicate key value violates unique constraint "([^"]+)"/, [
    ["skip_seed_rows", 0.9, "the seed was planted already"],
  ]],
  ["identity_exists", "55000", /^column "([^"]+)" of relation "[^"]+" is already an identity column/, [
    ["skip_no_op", 0.9, "the column has its numbers already as the statement wants them"],
  ]],
  ["identity_absent", "55000", /^column "([^"]+)" of relation "[^"]+" is not an identity column/, [
    ["skip_no_op", 0.9, "the column draws no numbers already"],
  ]],
  ["not_the_owner", "42501", /^must be owner of (?:table|relation) "?([\w$]+)"?/, [
    ["skip_no_op", 0.9, "the table is already as the statement wants it"],
  ]],
];

/** A migration's errors are told from those of the running system by the start of their signature. */
const FROM_MIGRATION = "migration ";

/** The rules, one for each failure and transform. */
export const MIGRATION_FAILURES: readonly DeterministicRule[] = FAILURES.flatMap((
  [key, code, words, transforms],
) =>
  transforms.map(([transform, confidence, because]): DeterministicRule => ({
    key: `${key}_${transform}`,
    confidence,
    because,
    propose(facts) {
      if (facts.code !== code || !facts.signature.startsWith(FROM_MIGRATION)) return null;
      const object = words.exec(facts.message)?.[1];
      return object === undefined
        ? null
        : { kind: "rewrite_migration", transform, object: object.slice(0, 300) };
    },
  }))
);
