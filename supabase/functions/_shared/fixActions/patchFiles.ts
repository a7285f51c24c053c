/**
 * `patch_files`: changes files of a generated project, each as long as it is exactly as it was seen. Always a person's
 * decision, and the first text of each file stays beside it.
 *
 * @module
 */

import { z } from "../core/validation.ts";
import type { FixActionKind } from "./kind.ts";
import { lazily } from "./lazily.ts";
import { areApart, named, projectPath } from "./projectFiles.ts";

const patch = z.strictObject({
  path: projectPath,
  /** SHA-256 of the text that the patch was made for. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** What is replaced, from the one place to the other. */
  start: z.int().min(0).max(500_000),
  end: z.int().min(0).max(500_000),
  text: z.string().max(50_000),
}).refine(({ start, end }) => start <= end, { error: "the end lies before the start" });

const schema = z.strictObject({
  kind: z.literal("patch_files"),
  project_id: z.uuid(),
  files: z.array(patch).min(1).max(20).refine(areApart, { error: "two files have one path" }),
});

/** Parameters of `patch_files`. */
export type PatchFiles = z.infer<typeof schema>;

/** The kind `patch_files`. */
export const patchFiles: FixActionKind<PatchFiles> = lazily({
  kind: "patch_files",
  group: "code",
  needs: "sql",
  schema,
  risk: () => "high",
  target: ({ project_id }) => `project:${project_id}`,
  describe: ({ project_id, files }) =>
    `change ${named(files.map(({ path }) => path))} of the generated project ${project_id}`,
}, async () => (await import("./projectFiles/steps.ts")).patchFilesSteps);
