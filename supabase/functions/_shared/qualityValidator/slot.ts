/** The places that a project of a framework has to fill. @module */

import type { ProjectFile } from "../core/projectPaths.ts";
import type { Project } from "../codeRules.ts";

/** What a missing file is made from. */
export interface SlotContext {
  project: Project;
  files: readonly ProjectFile[];
  title: string;
  usesTypescript: boolean;
  /** Whether any file has the path. */
  has(path: string): boolean;
  /** The first of the paths that a file has, or undefined. */
  first(...paths: string[]): string | undefined;
}

/** One place: any of its paths fills it. */
export interface Slot {
  paths: readonly string[];
  /** A project without it does not build or start. */
  required: boolean;
  /** False where the project does without it. */
  applies?(context: SlotContext): boolean;
  /** Where it would be made, when making it would read the files. */
  path?(context: SlotContext): string;
  /** The smallest file that fills it. */
  make(context: SlotContext): ProjectFile;
}

/** A path in each of the endings. */
export function withEndings(stem: string, endings: readonly string[]): string[] {
  return endings.map((ending) => `${stem}.${ending}`);
}

/** A title as the name of a package. */
export function slugOf(title: string): string {
  const plain = title.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  return plain.slice(0, 60).replace(/-+$/, "") || "app";
}

/** A title as text of HTML and JSX. */
export function escaped(title: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "{": "&#123;",
    "}": "&#125;",
  };
  return title.replace(/[&<>{}]/g, (char) => entities[char]!).replace(/\s+/g, " ").trim().slice(0, 200);
}
