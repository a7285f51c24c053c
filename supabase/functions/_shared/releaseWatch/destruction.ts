/** Which statements of a script destroy something that going back would need. @module */

import { splitStatements, sqlWords } from "../sqlStatements.ts";

/** One statement that destroys, and what would be lost. */
export interface Destruction {
  line: number;
  /** As much of the statement as tells what it is. */
  statement: string;
  what: string;
}

const DROPS = [
  "table",
  "schema",
  "view",
  "materialized",
  "type",
  "sequence",
  "extension",
  "function",
  "procedure",
  "domain",
  "database",
];
const SHOWN = 120;

/**
 * The statements that destroy data or what code stands on: drops, renames, truncates, deletes and updates without a
 * condition, changes of a column's type. A script that builds its statements as texts is not seen through.
 */
export function destructionsIn(script: string): Destruction[] {
  return splitStatements(script).flatMap(({ text, line }) => {
    const what = destroyed(sqlWords(text));
    const statement = text.replace(/\s+/g, " ").slice(0, SHOWN);
    return what === null ? [] : [{ line, statement, what }];
  });
}

function destroyed(words: readonly string[]): string | null {
  const [first, second] = words;
  const has = (...wanted: string[]) =>
    words.some((_, place) => wanted.every((word, offset) => words[place + offset] === word));
  if (first === "drop" && DROPS.includes(second ?? "")) return `what ${second} it drops`;
  if (first === "truncate") return "the rows of the table";
  if (first === "delete" && !words.includes("where")) return "all rows of the table";
  if (first === "update" && !words.includes("where")) return "the former values of all rows";
  if (first !== "alter") return null;
  if (has("drop", "column") || (second === "table" && dropsBareColumn(words))) {
    return "the values of the column";
  }
  if (words.includes("rename")) return "the old name, which the former release uses";
  if (has("type") && has("alter", "column") || has("set", "data", "type")) {
    return "the former type of the column";
  }
  return second === "type" && words.includes("drop") ? "a part of the type" : null;
}

/** `alter table t drop name`: the word column may be left out. */
function dropsBareColumn(words: readonly string[]): boolean {
  const kept = ["constraint", "default", "not", "identity", "expression"];
  return words.some((word, place) => word === "drop" && !kept.includes(words[place + 1] ?? "constraint"));
}
