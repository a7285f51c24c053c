/** Whether the default export of a module is what a name means. @module */

import type { Project } from "./project.ts";

/** The default stands in for a name only when it is called so. */
export function defaultInstead(project: Project, path: string, imported: string): "default" | null {
  const target = project.file(path)!;
  const standard = target.outline.exports.get("default");
  if (standard === undefined) return null;
  const isFileName = path.replace(/^.*\//, "").replace(/\.\w+$/, "") === imported;
  const isOnly = target.outline.exports.size === 1 && target.outline.stars.length === 0 &&
    target.names?.root.names.has(imported) === false;
  return isOnly || standard.local === imported || (standard.local === undefined && isFileName)
    ? "default"
    : null;
}
