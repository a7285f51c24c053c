/** Takes statements away with their lines. @module */

import type { TextEdit } from "../core/codeEdits.ts";
import type { FileModel } from "./fileModel.ts";
import type { Project } from "./project.ts";

/** The removal of a piece of text; with its line breaks when nothing else stands on its lines. */
export function wholeLines(text: string, start: number, end: number): TextEdit {
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const next = text.indexOf("\n", end);
  const lineEnd = next === -1 ? text.length : next;
  const isAlone = text.slice(lineStart, start).trim() === "" && text.slice(end, lineEnd).trim() === "";
  if (!isAlone) return { start, end, text: "" };
  return { start: lineStart, end: Math.min(lineEnd + 1, text.length), text: "" };
}

const WORDS = new WeakMap<FileModel, ReadonlySet<string>>();

/** True when a comment says the name: as a type of JSDoc, or as a pragma. */
export function isMentioned(file: FileModel, name: string): boolean {
  let words = WORDS.get(file);
  if (words === undefined) {
    const text = file.tree.comments.map((comment) => `${comment.value}`).filter((value) => /@|\{/.test(value))
      .join(" ");
    WORDS.set(file, words = new Set(text.match(/[$\w]+/g) ?? []));
  }
  return words.has(name);
}

/** How sure one can be that nobody else reads a name: in a library, or a script of unknown use, somebody may. */
export function removalConfidence(file: FileModel, project: Project): number {
  const manifest = project.manifestFor(file.path);
  if (manifest?.isLibrary === true) return 0.7;
  const isCompiled = file.kind !== "script" || /\.[cm]?tsx?$|\.jsx$/.test(file.path);
  return isCompiled || manifest?.isApplication === true ? 0.9 : 0.75;
}

/** The removal of one name of an import, with the comma that belongs to it. */
export function nameRemoval(text: string, { start, end }: { start: number; end: number }): TextEdit {
  const after = /^\s*,\s*/.exec(text.slice(end));
  if (after !== null) return { start, end: end + after[0].length, text: "" };
  const before = /,\s*$/.exec(text.slice(0, start));
  return { start: before?.index ?? start, end, text: "" };
}
