/**
 * `create_index`: has an index built for statements that read too much.
 *
 * The build itself cannot be part of a transaction. What the transaction holds is a row that says what is to be built
 * and the job that builds it; whether the index came is read from the catalogue later, and what was asked for is taken
 * back by a job of the same sort.
 *
 * @module
 */

import { z } from "../core/validation.ts";
import { indexCommand, indexName } from "./indexes/name.ts";
import type { FixActionKind } from "./kind.ts";
import { lazily } from "./lazily.ts";

/** A name out of the catalogue; it is only ever quoted, and compared. */
const name = z.string().min(1).max(63);

const schema = z.strictObject({
  kind: z.literal("create_index"),
  schema: name,
  table: name,
  /** In the order of the index. */
  columns: z.array(z.strictObject({ name, descending: z.boolean() })).min(1).max(4),
});

/** Parameters of `create_index`. */
export type CreateIndex = z.infer<typeof schema>;

/** The kind `create_index`. */
export const createIndex: FixActionKind<CreateIndex> = lazily({
  kind: "create_index",
  group: "database",
  needs: "sql",
  schema,
  // It can be taken away again without loss, and its build keeps nobody from writing.
  risk: () => "low",
  target: (action) => `index:${action.schema}.${indexName(action)}`,
  describe: (action) => `${indexCommand(action)}, by a job of its own, when the database has little to do`,
  // A migration runs in a transaction, where nothing can be built beside the writers.
  toSql: (action) => [indexCommand(action).replace("index concurrently", "index")],
}, async () => (await import("./indexes/createSteps.ts")).createIndexSteps);
