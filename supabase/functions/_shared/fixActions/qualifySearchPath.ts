/**
 * `qualify_search_path`: puts the schema of what a function of the project names on that function's own path.
 *
 * It goes to the end, so that every name that was found before means the same. A function that runs as its owner
 * is refused: its path is never widened, and its author writes the schema before the name.
 *
 * @module
 */

import { z } from "../core/validation.ts";
import type { FixActionKind } from "./kind.ts";
import { lazily } from "./lazily.ts";

const schema = z.strictObject({
  kind: z.literal("qualify_search_path"),
  /** What was not found. */
  missing: z.enum(["relation", "function", "type"]),
  /** Its bare name as the error gives it; only ever compared with the catalogue and with bodies. */
  name: z.string().min(1).max(63),
});

/** Parameters of `qualify_search_path`. */
export type QualifySearchPath = z.infer<typeof schema>;

/** The kind `qualify_search_path`. */
export const qualifySearchPath: FixActionKind<QualifySearchPath> = lazily({
  kind: "qualify_search_path",
  group: "database",
  needs: "sql",
  schema,
  risk: () => "medium",
  target: ({ missing, name }) => `path:${missing} ${name}`,
  describe: ({ missing, name }) =>
    `put the schema of ${missing} ${name} at the end of the path of the function that names it`,
}, async () => (await import("./qualifySearchPath/steps.ts")).qualifySearchPathSteps);
