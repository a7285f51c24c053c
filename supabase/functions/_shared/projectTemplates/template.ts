/** What a template gets, in the forms in which files need it. @module */

import type { ProjectFile } from "../core/projectPaths.ts";

/** A title and a description that may stand where they are put. */
export interface TemplateText {
  /** As text of HTML, without braces. */
  html: { title: string; description: string };
  /** As literals of JavaScript. */
  code: { title: string; description: string };
  /** As a name of a folder or a package. */
  slug: string;
  migrationPath: string;
}

/** Makes the files of one kind. */
export type Template = (text: TemplateText) => ProjectFile[];

const LONGEST = 300;

/** The forms of a title and a request. */
export function describe(
  { title, request, migrationPath }: { title: string; request: string; migrationPath: string },
): TemplateText {
  const plain = { title: oneLine(title, 100) || "App", description: oneLine(request, LONGEST) };
  return {
    html: { title: escapeHtml(plain.title), description: escapeHtml(plain.description) },
    code: { title: JSON.stringify(plain.title), description: JSON.stringify(plain.description) },
    slug: slugOf(plain.title),
    migrationPath,
  };
}

function oneLine(text: string, length: number): string {
  return [...text.replace(/[\s\p{C}]+/gu, " ").trim()].slice(0, length).join("");
}

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "{": "&#123;",
    "}": "&#125;",
  };
  return text.replace(/[&<>"{}]/g, (char) => entities[char]!);
}

function slugOf(title: string): string {
  const plain = title.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(
    /^[^a-z]+|-+$/g,
    "",
  );
  return plain.slice(0, 40).replace(/-+$/, "") || "app";
}

/** The module that every template with modules has. */
export function projectModule(path: string, { code }: TemplateText): ProjectFile {
  return {
    path,
    content: `export const title = ${code.title};\nexport const description = ${code.description};\n`,
  };
}

/** A style that is the same everywhere. */
export const STYLE = `body {
  margin: 0 auto;
  max-width: 40rem;
  padding: 1rem;
  font-family: system-ui, sans-serif;
  line-height: 1.5;
}

form {
  display: flex;
  gap: 0.5rem;
}

input {
  flex: 1;
  padding: 0.5rem;
}
`;
