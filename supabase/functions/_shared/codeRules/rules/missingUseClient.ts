/** A component of Next's app folder that needs the browser and does not say so. @module */

import type { FileModel } from "../fileModel.ts";
import { hookCalls } from "../hooks.ts";
import type { CodeRule } from "../model.ts";
import { child, nameOf } from "../nodes.ts";
import type { Project } from "../project.ts";

const SERVER_HOOKS = new Set(["useId", "useMemo", "useCallback", "useTranslations"]);

/** Says it in the first line, unless only components of the browser import the file. */
export const missingUseClient: CodeRule = {
  name: "missing-use-client",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script"],
  check(file, project) {
    const program = file.tree.program ?? undefined;
    const isRouted = project.framework === "next" &&
      [...project.files.keys()].some((path) => /(?:^|\/)app\//.test(path));
    if (!isRouted || /(?:^|\/)pages\//.test(file.path) || isClient(file) || program === undefined) return [];
    const at = neededAt(file, project);
    if (at === undefined || isForClientsOnly(file, project)) return [];
    const isRoute = file.modules.exports.has("metadata") || file.modules.exports.has("generateMetadata");
    const edits = [{ path: file.path, start: 0, end: 0, text: '"use client";\n\n' }];
    const fix = isRoute
      ? undefined
      : { description: 'add "use client"', confidence: 0.93, edits: styled(file, edits) };
    return [{ message: 'It uses the browser and does not say "use client"', at, fix }];
  },
};

function styled<Edit extends { text: string }>(file: FileModel, edits: Edit[]): Edit[] {
  const single = file.modules.links.some(({ source }) => file.text(source).startsWith("'"));
  const bare = file.modules.links.length > 0 &&
    file.modules.links.every(({ statement }) => !file.text(statement).endsWith(";"));
  return edits.map((edit) => ({
    ...edit,
    text: (single ? edit.text.replaceAll('"', "'") : edit.text).replace(";", bare ? "" : ";"),
  }));
}

function isClient(file: FileModel): boolean {
  return file.outline.directives.includes("use client");
}

/** A hook that needs the browser, or a handler of an event. */
function neededAt(file: FileModel, project: Project): number | undefined {
  const imported = new Set(
    file.modules.links.filter(({ specifier }) => specifier === "react" || specifier === "next/navigation")
      .flatMap(({ names }) => names.map(({ local }) => local)),
  );
  const hook = hookCalls(file, project).find(({ name }) => imported.has(name) && !SERVER_HOOKS.has(name));
  if (hook !== undefined) return hook.call.start;
  return file.nodes("JSXAttribute").find((one) =>
    /^on[A-Z]/.test(nameOf(child(one, "name")) ?? "") &&
    /^[a-z]/.test(nameOf(child(one.parent, "name")) ?? "A") &&
    /Function/.test(child(child(one, "value"), "expression")?.type ?? "")
  )?.start;
}

function isForClientsOnly(file: FileModel, project: Project): boolean {
  const importers = project.importersOf(file.path);
  return importers.length > 0 && importers.every(isClient);
}
