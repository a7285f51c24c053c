/** A script or style sheet that a page names and the project does not have. @module */

import type { FileModel } from "../fileModel.ts";
import { type HtmlToken, htmlTokens } from "../htmlTokens.ts";
import type { CodeFix, CodeRule, Finding } from "../model.ts";
import { baseName, folderOf, joined, relativeTo } from "../paths.ts";
import type { Project } from "../project.ts";

/** Names the one file of that name. */
export const htmlMissingFile: CodeRule = {
  name: "html-missing-file",
  severity: "error",
  autoFixable: true,
  appliesTo: ["html"],
  readsBroken: true,
  check(file, project) {
    if (!project.isComplete || project.files.size === 1) return [];
    return htmlTokens(file.content).flatMap((token): Finding[] => {
      const link = linkOf(file, token);
      if (link === undefined || exists(file, project, link.target)) return [];
      return [{ message: `${link.target} does not exist`, at: link.start, fix: fixOf(file, project, link) }];
    });
  },
};

interface Link {
  target: string;
  start: number;
  end: number;
}

function linkOf(file: FileModel, { type, name, start, end }: HtmlToken): Link | undefined {
  const text = file.content.slice(start, end);
  const isScript = name === "script" && type === "open";
  const isSheet = name === "link" && /\brel=["']?stylesheet/.test(text);
  const found = isScript || isSheet ? /\b(?:src|href)=(["'])([^"']+)\1/.exec(text) : null;
  const target = found?.[2];
  if (found === null || target === undefined || /^(?:[a-z]+:|\/\/|#|%|\{)|[{}%]/.test(target)) {
    return undefined;
  }
  const at = start + found.index + found[0].indexOf(target);
  return { target, start: at, end: at + target.length };
}

function exists(file: FileModel, project: Project, target: string): boolean {
  const clean = target.replace(/[?#].*$/, "");
  const roots = clean.startsWith("/") ? ["", "public", ...foldersOf(file.path)] : [folderOf(file.path)];
  const paths = roots.map((root) => joined(root, clean));
  return paths.some((path) =>
    path === null || project.files.has(path) || project.files.has(`public/${path}`)
  );
}

/** A page that was built is served from a folder of its own: each one around it may be the root. */
function foldersOf(path: string): string[] {
  const folder = folderOf(path);
  return folder === "" ? [] : [folder, ...foldersOf(folder)];
}

function fixOf(file: FileModel, project: Project, { target, start, end }: Link): CodeFix | undefined {
  const name = baseName(target.replace(/[?#].*$/, ""));
  const stem = name.replace(/\.[cm]?[jt]sx?$/, "");
  const paths = [...project.files.keys()].filter((path) => path !== file.path);
  const same = paths.filter((path) => baseName(path).toLowerCase() === name.toLowerCase());
  const alike = same.length > 0
    ? same
    : paths.filter((path) =>
      /\.[cm]?[jt]sx?$/.test(path) && /\.[cm]?[jt]sx?$/.test(name) &&
      baseName(path).replace(/\.[cm]?[jt]sx?$/, "") === stem
    );
  if (alike.length !== 1) return undefined;
  const right = target.startsWith("/") ? `/${alike[0]}` : relativeTo(folderOf(file.path), alike[0]!);
  const plain = target.startsWith(".") || right.startsWith("/") || right.startsWith("../")
    ? right
    : right.slice(2);
  return {
    description: `name ${plain}`,
    confidence: 0.9,
    edits: [{ path: file.path, start, end, text: plain }],
  };
}
