/**
 * `add_file`: adds files that a generated project needs and does not have. It never touches one that is there, and takes
 * back only what is as it was added.
 *
 * @module
 */

import { z } from "../core/validation.ts";
import type { FixActionKind } from "./kind.ts";
import { lazily } from "./lazily.ts";
import { areApart, named, projectPath } from "./projectFiles.ts";

const schema = z.strictObject({
  kind: z.literal("add_file"),
  project_id: z.uuid(),
  files: z.array(z.strictObject({ path: projectPath, content: z.string().max(20_000) })).min(1).max(20)
    .refine(areApart, { error: "two files have one path" }),
});

/** Parameters of `add_file`. */
export type AddFile = z.infer<typeof schema>;

/** The kind `add_file`. */
export const addFile: FixActionKind<AddFile> = lazily({
  kind: "add_file",
  group: "code",
  needs: "sql",
  schema,
  risk: () => "low",
  target: ({ project_id }) => `project:${project_id}`,
  describe: ({ project_id, files }) =>
    `add ${named(files.map(({ path }) => path))} to the generated project ${project_id}`,
}, async () => (await import("./projectFiles/steps.ts")).addFileSteps);
