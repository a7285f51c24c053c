/**
 * What a person may do about a failure that is not healed by itself, because every way out loses data, takes rights
 * or means something that only its author knows.
 *
 * @module
 */

/** Why nobody but a person decides, and between what. */
export interface Advice {
  why: string;
  alternatives: string[];
}

type Entry = readonly [codes: string, words: RegExp, why: string, alternatives: readonly string[]];

const ENTRIES: readonly Entry[] = [
  [
    "23502",
    /contains null values/,
    "rows that exist have no value for the column, and a value must not be invented",
    [
      "add the column without `not null`, fill it in a statement of your own, then set `not null`",
      "state a default that is right for the rows that exist",
    ],
  ],
  [
    "23505",
    /could not create unique index/,
    "rows that exist have the same key, and none of them is deleted by itself",
    [
      "list the duplicates, decide which row stays, and add the constraint after that",
      "add the column that tells them apart to the key",
    ],
  ],
  ["23505", /schema_migrations/, "another migration has this version", [
    "give the file the next free version, later than every one that was applied",
  ]],
  ["23505", /duplicate key value/, "a row with this key exists with other values", [
    "decide whether the migration or the row is right, and say so with `on conflict (…) do update` or `do nothing`",
  ]],
  [
    "23514",
    /is violated by some row/,
    "rows that exist break the rule, and none of them is changed by itself",
    [
      "add the constraint `not valid`, so that it holds for new rows, and validate it once the old ones are mended",
    ],
  ],
  [
    "23503",
    /^update or delete on table/,
    "rows of another table point at what would be changed or deleted, and none of them goes along by itself",
    ["delete or move those rows first, by name", "let the foreign key say what becomes of them"],
  ],
  ["23503", /violates foreign key constraint/, "rows point at something that is not there", [
    "add the constraint `not valid`, list the orphans, and validate it once they are mended",
    "insert what they point at first",
  ]],
  [
    "23P01",
    /could not create exclusion constraint/,
    "rows that exist meet one another, and none of them is moved",
    [
      "list the rows that overlap, mend them by name, and add the constraint after that",
    ],
  ],
  ["22003", /out of range/, "a value does not fit the type, and no value is cut to fit", [
    "keep the larger type, or say with `using` what becomes of the values that do not fit",
  ]],
  [
    "428C9",
    /non-DEFAULT value|can only be updated to DEFAULT/,
    "the database makes the column's values itself",
    [
      "leave the column out of the statement",
      "for an identity, write `overriding system value` where the number itself matters, and set its sequence after that",
    ],
  ],
  ["2BP01", /other objects depend on it/, "other objects need it, and `cascade` would take them along", [
    "alter or drop what depends on it in the same migration, by name",
  ]],
  ["0A000", /cannot alter type of a column used/, "a view, a rule or a policy is written over the column", [
    "in one transaction: drop what uses it, alter the type, make it again as it was, with row level security on throughout",
  ]],
  [
    "0A000",
    /must include all partitioning columns/,
    "a key of a partitioned table holds in each partition alone",
    [
      "add the columns by which the table is partitioned to the key",
    ],
  ],
  ["0A000", /cannot truncate a table referenced/, "rows of another table point at what would be emptied", [
    "name both tables in one statement, if the rows of both may go",
  ]],
  ["42809", /^"[^"]+" is not an? /, "the name belongs to something of another kind", [
    "look what it is, and whether that is what the migration means",
  ]],
  ["42P17", /would overlap partition/, "two partitions cannot take the same keys", [
    "choose bounds that begin where the other partition ends",
  ]],
  [
    "55000",
    /already has a default value/,
    "the column has a default, which may be the same numbers or others",
    [
      "drop the default in the same migration, and let the identity begin behind the largest number",
    ],
  ],
  ["0A000", /cannot use subquery/, "the rule looks at other rows, which a check or a default cannot", [
    "use a foreign key, or a trigger",
  ]],
  ["0A000 58P01", /extension "[^"]+" is not available/, "the server does not have the extension", [
    "ask the platform for it, or do without; its functions are never replaced by something like them",
  ]],
  [
    "42P13",
    /cannot change (?:return type|name of input)|cannot remove parameter defaults/,
    "callers may rely on the function as it is",
    [
      "in one transaction: drop it, make it again, and grant again what was granted; the REST interface calls arguments by name",
      "make it under a new name, and move the callers",
    ],
  ],
  [
    "42P16",
    /cannot (?:drop columns from view|change (?:name|data type) of view)/,
    "others may read the view by these columns",
    [
      "in one transaction: drop the view, make it again, and grant again what was granted",
    ],
  ],
  ["42804", /cannot be implemented/, "the key and what it points at have different types", [
    "give the new column the type of the column that it references",
  ]],
  ["42804", /default for column .* cannot be cast/, "the default has no meaning in the new type by itself", [
    "in one statement: drop the default, alter the type, set the default in the new type",
  ]],
  ["42804", /cannot be cast automatically/, "not every value is known to survive the change of type", [
    "say with `using` what becomes of each value",
  ]],
  ["42830", /no unique constraint matching/, "the referenced columns are not unique", [
    "reference the primary key, or make the columns unique first",
  ]],
  ["42P10", /no unique or exclusion constraint/, "nothing makes the columns of `on conflict` unique", [
    "look for duplicates, and add a unique index over these columns",
  ]],
  ["42803", /./, "which rows belong together is what the query is about", [
    "name the column in `group by`, or say how its values are summed up",
  ]],
  ["42501", /./, "the object belongs to another role, or to the platform", [
    "keep what is yours in a schema of your own; the platform's objects are changed through its settings",
  ]],
  ["42725", /is not unique/, "several functions fit the arguments", [
    "cast the arguments to the types that are meant",
  ]],
  ["42702", /is ambiguous/, "several tables have the column", ["write the table before it"]],
  ["54011 54000", /./, "the limit is the server's", [
    "use a child table, or jsonb for what is seldom looked up",
  ]],
  ["42809", /cannot create index on/, "an index belongs to a table", ["index the table that the view reads"]],
  ["42P17", /immutable/, "the value may change without the row", [
    "use an expression that only depends on the row, for example with the time zone stated",
  ]],
  ["42703", /column "[^"]*" does not exist/, "no column has this name; a text stands in single quotes", [
    "correct the name, or write a text in single quotes",
  ]],
  [
    "42601",
    /only WITH CHECK expression/,
    "a policy for inserts has its condition in `with check`, and who may insert is for you to say",
    [
      "write the condition in `with check`; `true` lets everybody insert anything",
    ],
  ],
  ["42601", /./, "the statement is no valid SQL, and what was meant is not beyond doubt", [
    "correct it at the place that the message names",
  ]],
  [
    "42P07 42710 42701 42723 42P06 42P16",
    /already exists|multiple primary keys/,
    "it exists, and nothing shows that it is what the migration wants",
    [
      "write a migration that alters it to what is wanted, or take the statement out",
    ],
  ],
  ["42704", /^role "/, "the role does not exist, and a role is never made to get past an error", [
    "name `anon`, `authenticated` or `service_role`, if one of them is meant",
    "make the role in a migration of its own, before this one",
  ]],
  [
    "55000",
    /^cannot refresh materialized view/,
    "a view is refreshed `concurrently` only with rows in it and a unique index over them",
    [
      "refresh it without `concurrently` where it has just been made",
      "make a unique index over it first",
    ],
  ],
  ["42P01 42704 42883 3F000", /does not exist/, "it is nowhere in the database, nor made by the migration", [
    "correct the name, or put the migration that makes it before this one",
  ]],
];

/** What a person may do about a failure; null where nothing is known beyond the message. */
export function adviceFor({ code, message }: { code: string; message: string }): Advice | null {
  const entry = ENTRIES.find(([codes, words]) => codes.split(" ").includes(code) && words.test(message));
  return entry === undefined ? null : { why: entry[2], alternatives: [...entry[3]] };
}
