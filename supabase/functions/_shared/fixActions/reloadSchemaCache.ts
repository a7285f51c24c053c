/** `reload_schema_cache`: asks the REST interface to read the schema again, when only its copy is old. @module */

import { z } from "../core/validation.ts";
import type { FixActionKind } from "./kind.ts";
import { lazily } from "./lazily.ts";

const name = z.string().min(1).max(63);
const schema = z.strictObject({
  kind: z.literal("reload_schema_cache"),
  /** What the interface did not find; only ever compared with the catalogue. */
  missing: z.enum(["column", "table", "function", "relationship"]),
  /** The table or the function, or the table that a relationship begins at. */
  name,
  /** Its schema, where the interface names it. */
  schema: name.nullable(),
  /** The column, or the table that a relationship ends at. */
  part: name.nullable(),
  /** The names of the arguments of a call. */
  arguments: z.array(name).max(100),
});

/** Parameters of `reload_schema_cache`. */
export type ReloadSchemaCache = z.infer<typeof schema>;

/** The kind `reload_schema_cache`. */
export const reloadSchemaCache: FixActionKind<ReloadSchemaCache> = lazily({
  kind: "reload_schema_cache",
  group: "database",
  needs: "sql",
  schema,
  risk: () => "low",
  target: () => "schema cache",
  describe: (action) => `ask the REST interface to read the schema again, as ${wordsOf(action)} is there`,
}, async () => (await import("./reloadSchemaCache/steps.ts")).reloadSchemaCacheSteps);

/** What is missing, in words. */
export function wordsOf({ missing, name, part, arguments: given }: ReloadSchemaCache): string {
  if (missing === "column") return `column ${part} of ${name}`;
  if (missing === "relationship") return `a relationship of ${name} and ${part}`;
  return missing === "function" ? `function ${name}(${given.join(", ")})` : `table ${name}`;
}
