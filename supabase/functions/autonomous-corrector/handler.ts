/**
 * The code corrector: takes the files of a project and what is wrong with them, and answers with the corrected files, what
 * was changed and why, what was taken back, and how the project stands after it. It keeps nothing, unless it is asked
 * to apply its work to a generated project: then the corrected files are saved in one transaction, the first text of each
 * kept, and only when nobody has changed the project since it was read.
 *
 * One call works for about a second. Where that is not enough it answers 202 with `continue_from`; the caller calls
 * again with that number and the changed files in place (for a stored project: those files and the revision alone).
 *
 * @module
 */

import { applyAutoFixes, type CodeIssue, type CodeModel, type FixOutcome } from "../_shared/autoFixEngine.ts";
import type { Clock } from "../_shared/core/clock.ts";
import { HealingError } from "../_shared/core/errors.ts";
import type { Logger } from "../_shared/core/logger.ts";
import type { RpcPort } from "../_shared/core/ports.ts";
import { assertProjectFiles, PROJECT_LIMITS } from "../_shared/core/projectPaths.ts";
import type { PlatformSettings } from "../_shared/core/settings.ts";
import { z } from "../_shared/core/validation.ts";
import type { EdgeCall } from "../_shared/edgeHandler.ts";
import { ownFunction } from "../_shared/ownFunction.ts";
import type { ProjectStore } from "../_shared/projectStore.ts";
import { judgeIssues, projectKindOf } from "../_shared/qualityValidator.ts";
import { applyTo, type Subject, subjectOf } from "./subject.ts";

/** What the function is wired to. */
export interface CorrectorDependencies {
  settings: PlatformSettings;
  db: RpcPort;
  logger: Logger;
  /** Mends what no rule can; without it that is escalated. */
  model?: CodeModel | undefined;
  /** Where generated projects are; without it none is read, and nothing is applied, whatever is asked. */
  store?: ProjectStore | undefined;
  clock?: Clock;
  request?: typeof fetch;
}

/** The platform ends a function after two seconds of work: half of them for the files, the rest for what is around. */
const SLICE_MS = 900;
const MAX_BODY_BYTES = 12_000_000;
/** The least that a slice can be is a file: one of 480 kB took 1.9 s, so this is what fits with room. */
const MAX_FILE_BYTES = 200_000;

const correctionCall = z.strictObject({
  /** All files of a project; of a stored one those that earlier calls have changed. */
  files: z.array(z.strictObject({ path: z.string(), content: z.string() })).max(20_000).optional(),
  /** Limits the work to these; everything that is found when left out. What else an issue says is not read. */
  issues: z.array(z.object({ path: z.string(), rule: z.string().max(60) })).max(20_000).optional(),
  /** Judges the project as one of this framework. */
  framework: z.string().max(60).optional(),
  title: z.string().max(200).optional(),
  continue_from: z.int().min(0).default(0),
  /** Asks to keep the result as the project's new state. */
  apply: z.boolean().default(false),
  /** A generated project, which is read where it is stored. */
  project_id: z.uuid().optional(),
  /** What the last call said the project was, to go on with it. */
  revision: z.string().max(64).optional(),
});

/** What is asked for. */
export type CorrectionCall = z.infer<typeof correctionCall>;

/** Makes the function's handler. */
export function createHandler(dependencies: CorrectorDependencies): (request: Request) => Promise<Response> {
  const means = { ...dependencies, maxBodyBytes: MAX_BODY_BYTES };
  return ownFunction("autonomous-corrector", means, (call) => answer(call, dependencies));
}

async function answer(call: EdgeCall, dependencies: CorrectorDependencies): Promise<Response> {
  const asked = read(call.body);
  const subject = await subjectOf(asked, dependencies.store);
  const { files, framework } = subject;
  assertProjectFiles(files, { ...PROJECT_LIMITS, fileBytes: MAX_FILE_BYTES, totalBytes: MAX_BODY_BYTES });
  if (asked.continue_from >= files.length) {
    throw new HealingError("BAD_REQUEST", `There is no file ${asked.continue_from} among ${files.length}`, {
      hint: "Send all files again, with the continue_from of the last answer",
    });
  }
  // A word that means no framework is refused before anything is done.
  if (framework !== undefined) projectKindOf(framework);
  const { model, clock } = dependencies;
  const outcome = await applyAutoFixes(files, asked.issues, {
    from: asked.continue_from,
    budgetMs: SLICE_MS,
    model,
    signal: call.request.signal,
    ...(clock === undefined ? {} : { clock }),
  });
  return Response.json(await reportOf({ asked, call }, subject, outcome, dependencies), {
    status: outcome.next === null ? 200 : 202,
  });
}

function read(body: unknown): CorrectionCall {
  const parsed = correctionCall.safeParse(body);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  const isCount = first?.code === "too_big" && first.path.length === 1;
  throw new HealingError(
    isCount ? "PAYLOAD_TOO_LARGE" : "BAD_REQUEST",
    `The body does not fit: ${first?.path.join(".")}: ${first?.message}`,
    {
      hint:
        'Send {"files": [{"path", "content"}] or "project_id", "issues"?: [{"path", "rule"}], "framework"?, ' +
        '"title"?, "continue_from"?, "apply"?, "revision"?}',
    },
  );
}

async function reportOf(
  { asked, call }: { asked: CorrectionCall; call: EdgeCall },
  subject: Subject,
  outcome: FixOutcome,
  { store }: CorrectorDependencies,
) {
  const changed = new Set([...subject.changedBefore, ...outcome.changed]);
  const files = outcome.files.filter(({ path }) => changed.has(path));
  const validation = await validationOf(subject, outcome);
  const { caller } = call;
  const actor = caller.kind === "admin" ? `admin:${caller.id}` : "machine";
  return {
    ...await applyTo({ asked, subject, files, outcome, validation, actor }, store),
    files,
    fixes: outcome.applied,
    taken_back: outcome.takenBack,
    escalated: outcome.escalated,
    validation,
    continue_from: outcome.next,
  };
}

/** How a project stands, as far as this call has read it. */
export interface Validation {
  passed: boolean;
  qualityScore: number | null;
  missingFiles: string[];
  issues: readonly CodeIssue[];
}

/** Of the files that this call has read; without a framework there is nothing to hold the project against. */
async function validationOf(
  { framework, title, files: { length } }: Subject,
  { files, remaining }: FixOutcome,
): Promise<Validation> {
  if (framework !== undefined && length > 0) return await judgeIssues(files, framework, title, remaining);
  const passed = remaining.every(({ severity }) => severity !== "error");
  return { passed, qualityScore: null, missingFiles: [], issues: remaining };
}
