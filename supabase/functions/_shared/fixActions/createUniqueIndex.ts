/**
 * `create_unique_index`: makes the key that `on conflict` names, over rows that are unique already.
 *
 * Nothing is deleted and nothing is merged: where two rows have one key it is refused. A table with a mark for deleted
 * rows is refused as well, because there a key may come again.
 *
 * @module
 */

import { quoted } from "../core/sqlNames.ts";
import { z } from "../core/validation.ts";
import type { FixActionKind } from "./kind.ts";
import { lazily } from "./lazily.ts";

const schema = z.strictObject({
  kind: z.literal("create_unique_index"),
  /** The table, with or without its schema; only ever compared with the catalogue. */
  table: z.string().min(1).max(127),
  /** The columns of `on conflict`, in its order; only ever compared with the catalogue. */
  columns: z.array(z.string().min(1).max(63)).min(1).max(8),
});

/** Parameters of `create_unique_index`. */
export type CreateUniqueIndex = z.infer<typeof schema>;

/** The kind `create_unique_index`. */
export const createUniqueIndex: FixActionKind<CreateUniqueIndex> = lazily({
  kind: "create_unique_index",
  group: "database",
  needs: "sql",
  schema,
  // From then on a second row with the key is refused to everybody.
  risk: () => "medium",
  target: ({ table, columns }) => `index:${table} (${columns.join(", ")})`.slice(0, 200),
  describe: ({ table, columns }) =>
    `make a unique index on ${table} over ${columns.join(", ")}, as no two rows have the same there`,
  toSql({ table, columns }) {
    const [name, ...schemas] = table.split(".").reverse() as [string, ...string[]];
    const index = quoted(uniqueIndexName(name, { columns }));
    const list = columns.map((column) => quoted(column)).join(", ");
    return [`create unique index if not exists ${index} on ${quoted(...schemas.reverse(), name)} (${list})`];
  },
}, async () => (await import("./createUniqueIndex/steps.ts")).createUniqueIndexSteps);

/** The index of a table over columns, nearly as Postgres would name it. */
export function uniqueIndexName(table: string, { columns }: Pick<CreateUniqueIndex, "columns">): string {
  const text = `${table}_${columns.join("_")}_key`;
  const start = [...text].slice(0, 40).join("");
  return start === text ? text : `${start}_${hashOf(text)}_key`;
}

/** Keeps long names apart; nobody has to be kept from finding another text for it. */
function hashOf(text: string): string {
  let hash = 0;
  for (const char of text) hash = (hash * 31 + char.codePointAt(0)!) % 2_147_483_647;
  return hash.toString(36);
}
