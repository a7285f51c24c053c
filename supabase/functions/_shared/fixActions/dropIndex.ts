/**
 * `drop_index`: has an index removed that nothing reads, or that another one does the work of. A person decides about
 * each; what stands behind a constraint, or keeps values apart, is never removed.
 *
 * @module
 */

import { quoted } from "../core/sqlNames.ts";
import { z } from "../core/validation.ts";
import type { FixActionKind } from "./kind.ts";
import { lazily } from "./lazily.ts";

const name = z.string().min(1).max(63);

const schema = z.strictObject({ kind: z.literal("drop_index"), schema: name, index: name });

/** Parameters of `drop_index`. */
export type DropIndex = z.infer<typeof schema>;

/** The kind `drop_index`. */
export const dropIndex: FixActionKind<DropIndex> = lazily({
  kind: "drop_index",
  group: "database",
  needs: "sql",
  schema,
  // A replica, a report once a year: the statistics do not show everybody who reads it.
  risk: () => "high",
  target: (action) => `index:${action.schema}.${action.index}`,
  describe: (action) =>
    `drop index concurrently ${
      quoted(action.schema, action.index)
    }, by a job of its own; its definition is kept`,
  toSql: (action) => [`drop index if exists ${quoted(action.schema, action.index)}`],
}, async () => (await import("./indexes/dropSteps.ts")).dropIndexSteps);
