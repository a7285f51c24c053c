/** What the server says in SQLSTATEs and nobody mends on somebody's behalf: why not, and who can do what. @module */

import type { ErrorFacts } from "../core/fixes.ts";

/** The first line whose code and words fit counts. */
const REASONS: readonly (readonly [code: string, words: RegExp, reason: string])[] = [
  [
    "23503",
    /^update or delete on table/,
    "rows of another table still point at the row; they are never deleted along with it. Move or delete them first, by name, or let the foreign key say what becomes of them",
  ],
  [
    "23503",
    /objects_bucketId_fkey/,
    "the upload names a bucket that does not exist; create it, private, under the name that the code has",
  ],
  [
    "23505",
    /^duplicate key value/,
    "the row is there already, and for most tables that is an answer: read it back, or say with an upsert that it is to be changed. Neither of the two rows is deleted",
  ],
  [
    "23P01",
    /./,
    "the row meets one that is there, such as a booking of the same hour: that is an answer. Choose another time or place; no row is moved",
  ],
  [
    "21000",
    /cannot affect row a second time|has the key of row/,
    "the batch has two rows with one key; send each key once. Which of two different rows is right is for whoever sent them to say",
  ],
  [
    "21000",
    /more than one row returned/,
    "a query that may give one row gave several; say which is meant, or make its columns unique. The first one is never taken",
  ],
  ["P0002", /./, "no row was there where exactly one had to be; look at the filter, which is never changed"],
  [
    "P0003",
    /./,
    "several rows were there where one had to be; look at the filter and at what should be unique",
  ],
  [
    "22012",
    /./,
    "a number is divided by zero; what shall come of it then, nothing or an error, is for its author to say",
  ],
  [
    "22021",
    /./,
    "the bytes are no text in UTF-8; whoever reads the file has to say which encoding it has. It is never guessed",
  ],
  [
    "22023",
    /^cannot (?:extract elements|get array length|call jsonb?_\w+)/,
    "a function was given an object, or a single value, where it goes through a list; send a list",
  ],
  [
    "22007",
    /./,
    "the text is no date or time that the database reads; send it as `YYYY-MM-DD` or with its time zone",
  ],
  [
    "22008",
    /./,
    "the text is no date as it stands; whether its day or its month comes first is for whoever sent it to say. Send it as `YYYY-MM-DD`",
  ],
  [
    "42P10",
    /ON CONFLICT/,
    "nothing makes the columns of `on conflict` unique, and the error does not say which table they belong to; look for duplicates, and add a unique index over them",
  ],
  [
    "55000",
    /^cannot (?:insert into|update|delete from) view/,
    "the view sums rows up and takes none; write to the table behind it",
  ],
  [
    "0A000",
    /^cannot (?:insert into|update|delete from) view/,
    "the view takes no rows; write to the table behind it",
  ],
];

/** A row's own unknown keys are told before it is written, so behind a write somebody else names the column. */
const IN_A_TRIGGER =
  "a trigger or a function writes a column that is not there: the row is innocent and stays as it is. Read the server's log for the function, and correct it there";

/** Where nobody knows the error. */
export const UNKNOWN = "no rule and no learned pattern knows this error";

/** Why nobody mends it, one sentence for a person; null for what is not known. */
export function sqlRefusalOf(
  { code, message, signature }: Pick<ErrorFacts, "code" | "message" | "signature">,
): string | null {
  const isOfRow = code === "42703" && / of relation "[^"]+" does not exist/.test(message);
  if (isOfRow && !signature.startsWith("migration ")) return IN_A_TRIGGER;
  return REASONS.find(([state, words]) => state === code && words.test(message))?.[2] ?? null;
}

/** Why nothing that was proposed stands; what the error itself is known to mean says more than what did not fit. */
export function reasonsFor(
  facts: ErrorFacts,
  refused: readonly { reason: string }[],
  silent: readonly string[],
): string {
  const known = refused.length === 0 ? null : sqlRefusalOf(facts);
  const reasons = [...refused.map(({ reason }) => reason), ...known === null ? [] : [known], ...silent];
  return reasons.join("; ") || "nobody who was asked knows this error";
}
