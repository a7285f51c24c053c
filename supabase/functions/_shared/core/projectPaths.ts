/**
 * What a generated project may hold: paths that stay inside of it on every system, and sizes that a function can take.
 *
 * @module
 */

import { HealingError } from "./errors.ts";

/** One file of a project. */
export interface ProjectFile {
  /** Relative to the project, with forward slashes. */
  path: string;
  content: string;
}

/** The most that is taken at once. */
export interface ProjectLimits {
  files: number;
  fileBytes: number;
  totalBytes: number;
  pathLength: number;
}

/** What an edge function takes. */
export const PROJECT_LIMITS: ProjectLimits = {
  files: 2_000,
  fileBytes: 500_000,
  totalBytes: 20_000_000,
  pathLength: 200,
};

const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?$/i;
// deno-lint-ignore no-control-regex
const FORBIDDEN = /[\x00-\x1f\x7f<>:"|?*\\]/;

/** Why a path may not stand in a project; null when it may. */
export function pathProblem(path: unknown, maxLength = PROJECT_LIMITS.pathLength): string | null {
  if (typeof path !== "string" || path === "") return "is empty";
  if (path.length > maxLength) return `is longer than ${maxLength} characters`;
  if (/^[A-Za-z]:/.test(path)) return "names a drive";
  if (path.includes("\\")) return "has a backslash";
  if (path.startsWith("/") || path.startsWith("~")) return "is not relative to the project";
  if (FORBIDDEN.test(path)) return "has a character that some systems refuse";
  // A lone surrogate cannot be written in UTF-8, so two different paths would become one.
  if (/\p{Cs}/u.test(path)) return "is not valid Unicode";
  return segmentProblem(path.split("/"));
}

function segmentProblem(segments: readonly string[]): string | null {
  if (segments.includes("..")) return "leaves the project";
  if (segments.includes("") || segments.includes(".")) return "has an empty part";
  const isOdd = segments.some((segment) => /[. ]$|^ /.test(segment));
  if (isOdd) return "has a part that ends in a dot or starts or ends in a space";
  if (segments.some((segment) => RESERVED.test(segment))) return "has a name that Windows keeps for itself";
  return segments[0]?.toLowerCase() === ".git" ? "lies in the folder of the version control" : null;
}

/** Throws a coded error unless the files may be taken as a project: nothing of them was read by then. */
export function assertProjectFiles(
  files: readonly ProjectFile[],
  limits: ProjectLimits = PROJECT_LIMITS,
): void {
  if (files.length > limits.files) {
    throw tooLarge(`A project of ${files.length} files is more than ${limits.files}`);
  }
  const seen = new Map<string, string>();
  let total = 0;
  for (const { path, content } of files) {
    const problem = pathProblem(path, limits.pathLength);
    if (problem !== null) throw badPath(path, problem);
    total += assertSize(path, content, limits);
    if (total > limits.totalBytes) {
      throw tooLarge(`The files have more than ${limits.totalBytes} bytes together`);
    }
    assertOwnPlace(path, seen);
  }
}

function assertSize(path: string, content: string, { fileBytes }: ProjectLimits): number {
  const bytes = content.length > fileBytes ? content.length : new TextEncoder().encode(content).length;
  if (bytes > fileBytes) throw tooLarge(`${path} has more than ${fileBytes} bytes`);
  return bytes;
}

/** Two paths that differ by case or by the way an accent is written are one file on many systems. */
function assertOwnPlace(path: string, seen: Map<string, string>): void {
  const parts = path.split("/");
  parts.forEach((_, index) => {
    const part = parts.slice(0, index + 1).join("/");
    const isFile = index === parts.length - 1;
    const key = part.normalize("NFC").toLowerCase();
    const other = seen.get(key);
    const mark = isFile ? path : `${part}/`;
    if (other !== undefined && (isFile || other !== mark)) throw badPath(path, `meets ${other}`);
    seen.set(key, mark);
  });
}

function badPath(path: unknown, problem: string): HealingError {
  return new HealingError("BAD_REQUEST", `The path ${JSON.stringify(path)?.slice(0, 120)} ${problem}`, {
    hint: "Use paths like src/App.tsx, each once",
  });
}

function tooLarge(message: string): HealingError {
  return new HealingError("PAYLOAD_TOO_LARGE", message, { hint: "Send fewer or smaller files" });
}
