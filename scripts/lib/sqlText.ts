/** Reads SQL text closely enough to judge its style, without parsing it. @module */

const SKIPPED = /--[^\n]*|\/\*[\s\S]*?\*\/|\b[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"/g;

/**
 * The text with comments, string literals and quoted names blanked out, line for line. Bodies in dollar quotes
 * stay: they are code as well.
 */
export function sqlCode(text: string): string {
  return text.replaceAll(SKIPPED, (skipped) => skipped.replaceAll(/[^\n]/g, " "));
}

/** The comment with which a file opens, without its dashes. */
export function sqlHeader(text: string): string[] {
  const lines = text.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("--"));
  return lines.slice(0, end === -1 ? lines.length : end).map((line) => line.replace(/^--\s?/, ""));
}

/** The number of the line of a place in a text, counted from 1. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
