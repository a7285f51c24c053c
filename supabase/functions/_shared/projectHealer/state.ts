/** Where the healing of a project stands between two calls: small, and not believed when it comes back. @module */

import type { CodeIssue } from "../autoFixEngine.ts";
import { z } from "../core/validation.ts";

const issue = z.object({
  rule: z.string(),
  severity: z.enum(["error", "warning", "info"]),
  message: z.string(),
  path: z.string(),
  line: z.number(),
  column: z.number(),
  autoFixable: z.boolean(),
  confidence: z.number(),
});

const judged = z.object({
  score: z.number(),
  passed: z.boolean(),
  missing: z.array(z.string()),
  issues: z.array(issue),
});

const healState = z.object({
  project_id: z.uuid(),
  revision: z.string(),
  /** before: what is there is read; after: what there would be; fix: what is missing is added; patch: the rest is suggested. */
  phase: z.enum(["before", "after", "fix", "patch"]),
  /** The file at which reading goes on. */
  from: z.number(),
  issues: z.array(issue),
  before: judged.nullable(),
  after: judged.nullable(),
  /** What was added, for the measurement at the end. */
  added: z.number(),
  /** Why what is missing was not added now; null when nothing holds it back. */
  later: z.string().nullable(),
});

/** A project as it was judged. */
export interface Judged {
  score: number;
  passed: boolean;
  missing: string[];
  issues: CodeIssue[];
}

/** Where the healing of a project stands. */
export interface HealState extends Omit<z.infer<typeof healState>, "issues" | "before" | "after"> {
  issues: CodeIssue[];
  before: Judged | null;
  after: Judged | null;
}

/** More say no more about a score, and a checkpoint has to stay small. */
const MOST_ISSUES = 500;

/** The beginning. */
export function startOf(project: { id: string; revision: string }): HealState {
  return {
    project_id: project.id,
    revision: project.revision,
    phase: "before",
    from: 0,
    issues: [],
    before: null,
    after: null,
    added: 0,
    later: null,
  };
}

/** A checkpoint as it was written; null for anything else. */
export function readState(checkpoint: unknown): HealState | null {
  const parsed = healState.safeParse(checkpoint);
  return parsed.success ? parsed.data as HealState : null;
}

/** As many issues as a checkpoint keeps, the errors first. */
export function kept(issues: readonly CodeIssue[]): CodeIssue[] {
  if (issues.length <= MOST_ISSUES) return [...issues];
  const errors = issues.filter(({ severity }) => severity === "error");
  return [...errors, ...issues.filter(({ severity }) => severity !== "error")].slice(0, MOST_ISSUES);
}

/** How many of them keep the project from working. */
export function errorsIn(issues: readonly CodeIssue[]): number {
  return issues.filter(({ severity }) => severity === "error").length;
}
