/** What `changes` of a deployment may hold; what stands there beside it is kept and not read. @module */

import { pathProblem } from "../core/projectPaths.ts";
import { z } from "../core/validation.ts";

const path = z.string().refine((value) => pathProblem(value) === null, "is no path inside of the project");

const gitPlace = z.object({
  ref: z.string().regex(/^[\w./-]{1,200}$/).optional(),
  sha: z.string().regex(/^[0-9a-f]{7,64}$/).optional(),
});

const changedFile = z.object({
  path,
  /** Null deletes the file. */
  content: z.string().max(1_000_000).nullable(),
});

const functionFiles = z.object({
  slug: z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,99}$/),
  name: z.string().max(200).optional(),
  entrypointPath: path,
  importMapPath: path.optional(),
  verifyJwt: z.boolean().optional(),
  files: z.array(z.object({ path, content: z.string() })).min(1).max(500),
});

/** One edge function with all of its files. */
export type FunctionFiles = z.infer<typeof functionFiles>;

const changesSchema = z.object({
  git: gitPlace.optional(),
  files: z.array(changedFile).max(2_000).optional(),
  /** The files are the whole project, and not only what was changed of it. */
  complete: z.boolean().optional(),
  /** Which of the files were changed; all of them when it is left out. */
  touched: z.array(path).max(2_000).optional(),
  functions: z.array(functionFiles).max(100).optional(),
});

/** What a provider reads of the changes. */
export type Changes = z.infer<typeof changesSchema>;

/** The changes, or why they cannot be read. */
export function readChanges(value: unknown): { changes: Changes } | { problem: string } {
  const parsed = changesSchema.safeParse(value);
  return parsed.success ? { changes: parsed.data } : { problem: z.prettifyError(parsed.error) };
}
