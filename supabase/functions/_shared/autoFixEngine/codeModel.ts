/** The port through which what no rule can fix is given to a model; loops wire it. @module */

import type { CodeIssue } from "../codeRules.ts";

/** What a model is asked to mend. */
export interface CodeRepairRequest {
  path: string;
  content: string;
  issues: readonly CodeIssue[];
  /** Packages that the file may import. */
  packages?: readonly string[];
  /** Why the last answer was not taken; absent in the first round. */
  refusal?: string;
}

/** One change: a text that stands in the file exactly once, and what takes its place. */
export interface CodeEdit {
  find: string;
  replace: string;
}

/** What a model answers. */
export type CodeAnswer =
  | { kind: "edits"; edits: readonly CodeEdit[] }
  /** Nothing; `ends` says whether to ask again about this file, or about any. */
  | { kind: "none"; reason: string; ends: "round" | "file" | "run" };

/** Mends one file by edits; what it answers is checked like any other fix. */
export interface CodeModel {
  repair(request: CodeRepairRequest, signal?: AbortSignal): Promise<CodeAnswer>;
}
