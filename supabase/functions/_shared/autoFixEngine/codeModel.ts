/** The port through which what no rule can fix is given to a model; loops wire it. @module */

import type { CodeIssue } from "../codeRules.ts";

/** What a model is asked to mend. */
export interface CodeRepairRequest {
  path: string;
  content: string;
  issues: readonly CodeIssue[];
  /** Why the last answer was not taken; absent in the first round. */
  refusal?: string;
}

/** Mends one file; the answer is the whole text, or null when it has none. It is checked like any other fix. */
export interface CodeModel {
  repair(request: CodeRepairRequest, signal?: AbortSignal): Promise<string | null>;
}
