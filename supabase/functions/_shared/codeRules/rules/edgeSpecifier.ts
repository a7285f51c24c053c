/** A package or a module of Node that an edge function names as Node would. @module */

import { NODE_MODULES } from "../knownModules.ts";
import { edgeSpecifier as npmSpecifier } from "../knownVersions.ts";
import type { CodeRule, Finding } from "../model.ts";

/** Names it with `npm:` and a version of the table, or with `node:`. */
export const edgeSpecifier: CodeRule = {
  name: "edge-specifier",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script"],
  check(file, project) {
    if (!project.isEdge(file.path) || hasImportMap([...project.files.keys()])) return [];
    return file.modules.links.flatMap((link): Finding[] => {
      const target = project.resolve(file.path, link.specifier);
      if (target.kind !== "package" || /^[a-z]+:/.test(link.specifier)) return [];
      const right = NODE_MODULES.has(link.specifier)
        ? `node:${link.specifier}`
        : npmSpecifier(target.name, link.specifier);
      const quote = file.text(link.source)[0]!;
      const edits = [{
        path: file.path,
        start: link.source.start,
        end: link.source.end,
        text: `${quote}${right}${quote}`,
      }];
      const fix = right === undefined
        ? undefined
        : { description: `import ${right}`, confidence: 0.92, edits };
      return [{ message: `${link.specifier} is not found by an edge function`, at: link.source.start, fix }];
    });
  },
};

function hasImportMap(paths: readonly string[]): boolean {
  return paths.some((path) => /(?:^|\/)(?:import_map\.json|deno\.jsonc?)$/.test(path));
}
