/** The words of the kinds that change the files of a generated project. @module */

import { pathProblem } from "../core/projectPaths.ts";
import { z } from "../core/validation.ts";

/** A path that stays inside of its project on every system. */
export const projectPath = z.string().max(200).refine((path) => pathProblem(path) === null, {
  error: "the path may not stand in a project",
});

/** No two of them are one file on any system. */
export function areApart(files: readonly { path: string }[]): boolean {
  return new Set(files.map(({ path }) => path.normalize("NFC").toLowerCase())).size === files.length;
}

/** The names of some files, as a person reads them. */
export function named(paths: readonly string[]): string {
  const shown = paths.slice(0, 8).join(", ");
  return paths.length > 8 ? `${shown} and ${paths.length - 8} more` : shown;
}
