/** A well-known name that is imported from a package which does not have it. @module */

import { isKnownModule, knownExport, knownNames } from "../knownModules.ts";
import type { FileModel } from "../fileModel.ts";
import type { CodeFix, CodeRule, Finding } from "../model.ts";
import type { ImportedName, ModuleLink } from "../modules.ts";
import type { Project } from "../project.ts";
import { nameRemoval } from "../removal.ts";

/** Pairs that are taken for each other; the second has the name. */
const CONFUSED: readonly [string, RegExp][] = [
  ["react", /^(?:react-dom(?:\/client)?|react-router-dom|next\/navigation|next\/link)$/],
  ["react-dom", /^(?:react|react-dom\/client)$/],
  ["react-dom/client", /^react-dom$/],
  ["react-router-dom", /^react$/],
  ["next/router", /^next\/navigation$/],
  ["next/link", /^next\/(?:image|navigation)$/],
  ["next/navigation", /^react$/],
  ["next", /^next\/server$/],
  ["vue", /^(?:vue-router|pinia)$/],
  ["vue-router", /^vue$/],
  ["svelte", /^svelte\/(?:store|transition|motion|animate)$/],
  ["svelte/store", /^svelte$/],
];

/** Imports it from where it is, when it is the only name of its statement. */
export const wrongModule: CodeRule = {
  name: "wrong-module",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script", "vue", "svelte"],
  check(file, project) {
    return file.modules.links.flatMap((link) => link.kind === "import" ? judgeLink(file, project, link) : []);
  },
};

/** A statement of which every name is wrong in the same way has one mistake: its source. */
function judgeLink(file: FileModel, project: Project, link: ModuleLink): Finding[] {
  const modules = link.names.map((name) => rightModule(file, project, link, name));
  const [first] = modules;
  if (first !== undefined && modules.every((module) => module === first)) {
    const names = link.names.map(({ imported }) => imported).join(", ");
    return [{
      message: `${names} is exported by ${first}`,
      at: link.source.start,
      fix: sourceFix(file, link, first),
    }];
  }
  return link.names.flatMap((name, index): Finding[] => {
    const module = modules[index];
    if (module === undefined) return [];
    const message = `${name.imported} is exported by ${module}`;
    return [{ message, at: name.node.start, fix: fixOf(file, link, module, name) }];
  });
}

function sourceFix(file: FileModel, { source }: ModuleLink, module: string): CodeFix {
  const quote = file.text(source)[0]!;
  const edits = [{ path: file.path, start: source.start, end: source.end, text: quote + module + quote }];
  return { description: `import from ${module}`, confidence: 0.93, edits };
}

/** The module that has the name; undefined when this one has, or nobody can tell. */
function rightModule(
  file: FileModel,
  project: Project,
  link: ModuleLink,
  name: ImportedName,
): string | undefined {
  const pairs = CONFUSED.filter(([from]) => from === link.specifier);
  if (name.node.type !== "ImportSpecifier" || pairs.length === 0) return undefined;
  if (link.specifier === "next/router" && !isOfAppRouter(file, project)) return undefined;
  if (isKnownModule(link.specifier) && knownExport(link.specifier, name.imported) !== undefined) {
    return undefined;
  }
  const right = knownNames(name.imported).filter(({ module, kind }) =>
    kind === "named" && pairs.some(([, to]) => to.test(module)) && isInstalled(file, project, module)
  );
  return right.length === 1 ? right[0]!.module : undefined;
}

/** A project without `pages/` has no use for the router of it. */
function isOfAppRouter(file: FileModel, project: Project): boolean {
  if (/(?:^|\/)app\//.test(file.path)) return true;
  const paths = [...project.files.keys()];
  return project.isComplete && paths.some((path) => /^(?:src\/)?app\//.test(path)) &&
    !paths.some((path) => /^(?:src\/)?pages\//.test(path));
}

function isInstalled(file: FileModel, project: Project, module: string): boolean {
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(module)![0];
  return project.manifestFor(file.path) === null || project.depends(file.path, name);
}

function fixOf(file: FileModel, link: ModuleLink, module: string, name: ImportedName): CodeFix {
  const { path, content } = file;
  const quote = file.text(link.source)[0]!;
  const description = `import ${name.imported} from ${module}`;
  const removal = { path, ...nameRemoval(content, name.node) };
  const isLast = link.names.filter(({ node }) => node.type === "ImportSpecifier").length === 1;
  const semicolon = file.text(link.statement).endsWith(";") ? ";" : "";
  const end = link.statement.end;
  const added = {
    path,
    start: end,
    end,
    text: `\nimport { ${file.text(name.node)} } from ${quote}${module}${quote}${semicolon}`,
  };
  return { description, confidence: isLast ? 0.7 : 0.9, edits: [removal, added] };
}
