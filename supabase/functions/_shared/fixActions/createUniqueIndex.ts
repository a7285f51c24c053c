/**
 * `create_unique_index`: makes the key that `on conflict` names, over rows that are unique already.
 *
 * Nothing is deleted and nothing is merged: where two rows have one key it is refused. A table with a mark for deleted
 * rows is refused as well, because there a key may come again.
 *
 * @module
 */

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
}, async () => (await import("./createUniqueIndex/steps.ts")).createUniqueIndexSteps);
