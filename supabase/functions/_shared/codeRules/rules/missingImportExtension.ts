/** An import without the file's ending, where nothing adds it: in modules of Node, and in edge functions. @module */

import type { FileModel } from "../fileModel.ts";
import type { CodeRule, Finding } from "../model.ts";
import { withoutEnding } from "../paths.ts";
import type { Project } from "../project.ts";

/** Adds it. */
export const missingImportExtension: CodeRule = {
  name: "missing-import-extension",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script"],
  check(file, project) {
    if (!wantsEndings(file, project)) return [];
    return file.modules.links.flatMap((link): Finding[] => {
      const target = project.resolve(file.path, link.specifier);
      if (target.kind !== "file" || !link.specifier.startsWith(".") || link.kind === "require") return [];
      const last = link.specifier.slice(link.specifier.lastIndexOf("/") + 1);
      if (target.path.endsWith(`/${last}`) || target.path === last || /\.[cm]?jsx?$/.test(last)) return [];
      const right = rightSpecifier(link.specifier, target.path);
      const quote = file.text(link.source)[0]!;
      return [{
        message: `${link.specifier} needs the ending of its file here`,
        at: link.source.start,
        fix: {
          description: `import ${right}`,
          confidence: 0.95,
          edits: [{
            path: file.path,
            start: link.source.start,
            end: link.source.end,
            text: quote + right + quote,
          }],
        },
      }];
    });
  },
};

function rightSpecifier(specifier: string, path: string): string {
  const isFolder = /(?:^|\/)index\.\w+$/.test(path) && !/(?:^|\/)index$/.test(specifier);
  const ending = path.slice(withoutEnding(path).length);
  return isFolder ? `${specifier.replace(/\/$/, "")}/index${ending}` : specifier + ending;
}

function wantsEndings(file: FileModel, project: Project): boolean {
  if (project.isEdge(file.path)) return true;
  const manifest = project.manifestFor(file.path);
  // TypeScript is compiled by something that may add them.
  return project.framework === "node" && (manifest?.isModule === true || file.path.endsWith(".mjs")) &&
    /\.m?js$/.test(file.path) &&
    !["vite", "webpack", "esbuild", "rollup", "tsup", "parcel"].some((name) => manifest?.packages.has(name));
}
