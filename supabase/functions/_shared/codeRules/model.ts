/** The words of the code rules: files, findings, fixes. @module */

import type { TextEdit } from "../core/codeEdits.ts";
import type { FileModel } from "./fileModel.ts";
import type { Project } from "./project.ts";

/** How bad it is: an error keeps the project from building or running. */
export type IssueSeverity = "error" | "warning" | "info";

/** One thing that is wrong with a file, as callers see it. */
export interface CodeIssue {
  rule: string;
  severity: IssueSeverity;
  message: string;
  path: string;
  /** Counted from 1. */
  line: number;
  column: number;
  autoFixable: boolean;
  /** How sure the fix is, 0 to 1; 0 when there is none. */
  confidence: number;
}

/** A change of one file. */
export interface FileEdit extends TextEdit {
  path: string;
}

/** What would mend a finding. */
export interface CodeFix {
  description: string;
  confidence: number;
  edits: FileEdit[];
}

/** What a rule found. */
export interface Finding {
  message: string;
  at: number;
  fix?: CodeFix | undefined;
}

/** One rule: one file, one key. */
export interface CodeRule {
  name: string;
  severity: IssueSeverity;
  /** True when it has a fix for some of what it finds. */
  autoFixable: boolean;
  /** Which files it reads. */
  appliesTo: readonly FileModel["kind"][];
  /** True for a rule that reads files which do not parse; all others need a whole tree. */
  readsBroken?: boolean;
  check(file: FileModel, project: Project): Finding[];
}

/** A finding with its rule, as the engine handles it. */
export interface FoundIssue {
  issue: CodeIssue;
  fix: CodeFix | undefined;
}
