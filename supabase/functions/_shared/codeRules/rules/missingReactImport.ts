/** React, its hooks, types and helpers, used without an import. @module */

import { importEdits } from "../imports.ts";
import { importFindings } from "../missingNames.ts";
import type { CodeRule } from "../model.ts";
import type { FileModel } from "../fileModel.ts";
import type { Project } from "../project.ts";

/** Imports it. */
export const missingReactImport: CodeRule = {
  name: "missing-react-import",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script"],
  check(file, project) {
    const found = importFindings(
      file,
      project,
      ({ use }, { source }) => source === "react" && use !== "type",
    );
    return found.length > 0 || !needsReactForJsx(file, project) ? found : [classic(file)];
  },
};

/** The classic runtime turns JSX into calls of React; it is in use only where the settings say so. */
function needsReactForJsx(file: FileModel, project: Project): boolean {
  if (file.nodes("JSXElement").length === 0 || file.names?.root.names.has("React") === true) return false;
  return [...project.files.values()].some(({ path, content }) =>
    /(?:^|\/)[tj]sconfig(?:\.\w+)?\.json$/.test(path) && /"jsx"\s*:\s*"react"/.test(content)
  );
}

function classic(file: FileModel) {
  const edits = importEdits(file, { specifier: "react", imported: "default", local: "React" });
  const fix = edits === null ? undefined : {
    description: "import React",
    confidence: 0.95,
    edits: edits.map((edit) => ({ ...edit, path: file.path })),
  };
  return { message: "JSX needs React here", at: file.nodes("JSXElement")[0]!.start, fix };
}
