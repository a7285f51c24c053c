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
  appliesTo: ["script", "vue", "svelte"],
  check(file, project) {
    const always = wantsEndings(file, project);
    return file.modules.links.flatMap((link): Finding[] => {
      const target = project.resolve(file.path, link.specifier);
      if (target.kind !== "file" || link.kind === "require") return [];
      // No tool adds the ending of a component.
      const isComponent = /\.(?:vue|svelte)$/.test(target.path) &&
        !/\.(?:vue|svelte)$/.test(link.specifier) &&
        !addsEndings(project);
      if (!isComponent && (!always || !link.specifier.startsWith("."))) return [];
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

/** A project may tell its tools to try more endings. */
function addsEndings(project: Project): boolean {
  return [...project.files.values()].some(({ path, content }) =>
    /(?:^|\/)(?:vite|vue|webpack)\.config\.[cm]?[jt]s$/.test(path) && content.includes("extensions")
  ) || ["@vue/cli-service", "nuxt", "webpack"].some((name) =>
    project.manifests().some(({ packages }) =>
      packages.has(name)
    )
  );
}

function wantsEndings(file: FileModel, project: Project): boolean {
  if (project.isEdge(file.path)) return true;
  // A page without a build gives its modules to the browser as they are.
  if (project.framework === "static" && project.isComplete) return file.kind === "script";
  const manifest = project.manifestFor(file.path);
  // TypeScript is compiled by something that may add them.
  return project.framework === "node" && (manifest?.isModule === true || file.path.endsWith(".mjs")) &&
    /\.m?js$/.test(file.path) &&
    !["vite", "webpack", "esbuild", "rollup", "tsup", "parcel"].some((name) => manifest?.packages.has(name));
}
