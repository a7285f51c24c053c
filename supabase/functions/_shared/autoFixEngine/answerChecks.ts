/**
 * What a model may not do to a file, whatever the rules say of the result.
 *
 * A model reads code and comments of strangers and may be talked into anything. So what it answers may not leave out
 * most of the file, take an export away, invent a value of a JSON file, bring a package that the project does not
 * have, or reach out of the file by anything that the file did not reach by before.
 *
 * @module
 */

import { PROJECT_LIMITS } from "../core/projectPaths.ts";
import type { Project } from "../codeRules.ts";

/** What code reaches out by: more of any of these than before is refused, whatever it would be for. */
const REACHES =
  /\b(?:eval|Function|fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts|postMessage|cookie|localStorage|sessionStorage|indexedDB|innerHTML|outerHTML|srcdoc|dangerouslySetInnerHTML|insertAdjacentHTML|child_process|execSync|spawn|Worker|atob|fromCharCode|globalThis|__proto__|constructor|Deno|process|env|service_role)\b|\bimport\s*\(|\b(?:https?|wss?|ftp|file|data|javascript|vbscript):|["'`]\/\/[\w-]|@import\b|<script\b|<iframe\b|\{@html\b|\bv-html\b|\bon[a-z]+\s*=\s*["']/gi;
/** Characters that hide code from the eye of a reader. */
const HIDDEN = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
const DECLARED_EXPORT =
  /^export[ \t]+(?:(default)\b|(?:declare[ \t]+|abstract[ \t]+|async[ \t]+)*(?:const|let|var|function\*?|class|type|interface|enum)[ \t]+([\w$]+))/gm;
/** A small file may change more of its lines, and may grow by as many. */
const FREE_LINES = 3;
const FREE_GROWTH = 30;

/** Why an answer is not taken; undefined when nothing speaks against it. */
export function reasonAgainst(
  project: Project,
  path: string,
  before: string,
  after: string,
): string | undefined {
  if (after.length > PROJECT_LIMITS.fileBytes) return "the answer is too long";
  const reason = sizeReason(before, after) ?? reachReason(before, after);
  if (reason !== undefined) return reason;
  if (path.endsWith(".json")) return jsonReason(before, after);
  const old = factsOf(project, path);
  const known = new Set(old.packages);
  project.replace(path, after);
  const now = factsOf(project, path);
  const packages = now.packages.filter((name) => !known.has(name) && !project.depends(path, name));
  project.replace(path, before);
  if (packages.length > 0) {
    return `the answer brings a package that the project does not have: ${packages.join(", ")}`;
  }
  const lost = old.exports.filter((name) => !now.exports.includes(name));
  return lost.length === 0 ? undefined : `the answer takes exports away: ${lost.join(", ")}`;
}

function sizeReason(before: string, after: string): string | undefined {
  const [lines, others] = [linesOf(before), linesOf(after)];
  const left = counted(others);
  let lost = 0;
  for (const line of lines) {
    const count = left.get(line) ?? 0;
    if (count === 0) lost++;
    else left.set(line, count - 1);
  }
  const most = Math.max(FREE_LINES, 0.4 * lines.length);
  const isGone = others.length < lines.length - most || (others.length === 0 && lines.length > 0);
  if (lost > most || isGone) return "the answer leaves out or rewrites most of the file";
  return others.length > lines.length + Math.max(FREE_GROWTH, 0.3 * lines.length)
    ? "the answer adds more than a repair needs"
    : undefined;
}

function reachReason(before: string, after: string): string | undefined {
  const old = counted(found(before, REACHES));
  for (const [reach, count] of counted(found(after, REACHES))) {
    if (count > (old.get(reach) ?? 0)) {
      return `the answer brings ${reach.trim()}, which the file did not have`;
    }
  }
  return found(after, HIDDEN).length > found(before, HIDDEN).length
    ? "the answer brings hidden characters"
    : undefined;
}

/** A repair of JSON sets marks right: each value that it holds stood in the text before. */
function jsonReason(before: string, after: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(after);
  } catch {
    // Settings with comments: the trial reads them, and the words are compared as they are.
    value = after.match(/[\w$@./:^~-]+/g) ?? [];
  }
  const words = new Set(before.match(/[\w$@./:^~-]+/g));
  const fresh = scalarsOf(value).find((text) => !before.includes(text) && !words.has(text));
  return fresh === undefined
    ? undefined
    : `the answer brings a value that the file did not have: ${fresh.slice(0, 60)}`;
}

function scalarsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(scalarsOf);
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) => [key, ...scalarsOf(inner)]);
  }
  return value === null ? [] : [String(value)];
}

function factsOf(project: Project, path: string): { packages: string[]; exports: string[] } {
  const file = project.file(path)!;
  const packages = file.modules.links.flatMap(({ specifier }) => {
    const target = project.resolve(path, specifier);
    const isOutside = target.kind === "outside" && /^(?:https?:|jsr:|data:)/.test(specifier);
    return target.kind === "package" ? [target.name] : isOutside ? [specifier] : [];
  });
  if (file.kind !== "script") return { packages, exports: [] };
  // What does not parse has no tree to ask: its words tell what it meant to export.
  const exports = file.isWhole
    ? [...file.outline.exports.keys()]
    : [...file.content.matchAll(DECLARED_EXPORT)].map(([, isDefault, name]) =>
      isDefault === undefined ? name! : "default"
    );
  return { packages, exports };
}

function linesOf(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}

function found(text: string, pattern: RegExp): string[] {
  return (text.match(pattern) ?? []).map((word) => word.toLowerCase());
}

function counted(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
