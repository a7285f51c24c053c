/**
 * The code corrector: takes the files of a project and what is wrong with them, and answers with the corrected files, what
 * was changed and why, what was taken back, and how the project stands after it. It keeps nothing: whoever sent the
 * files decides about them, unless a store is wired and the caller asks to apply.
 *
 * One call works for about a second. Where that is not enough it answers 202 with `continue_from`; the caller puts
 * the changed files in place and calls again with that number.
 *
 * @module
 */

import { applyAutoFixes, type CodeIssue, type CodeModel, type FixOutcome } from "../_shared/autoFixEngine.ts";
import type { Clock } from "../_shared/core/clock.ts";
import { HealingError } from "../_shared/core/errors.ts";
import type { Logger } from "../_shared/core/logger.ts";
import type { RpcPort } from "../_shared/core/ports.ts";
import { assertProjectFiles, PROJECT_LIMITS, type ProjectFile } from "../_shared/core/projectPaths.ts";
import type { PlatformSettings } from "../_shared/core/settings.ts";
import { z } from "../_shared/core/validation.ts";
import type { EdgeCall } from "../_shared/edgeHandler.ts";
import { ownFunction } from "../_shared/ownFunction.ts";
import { judgeIssues, projectKindOf } from "../_shared/qualityValidator.ts";

/** Keeps corrected files as the new state of a project. */
export interface ProjectStore {
  save(projectId: string, files: readonly ProjectFile[]): Promise<void>;
}

/** What the function is wired to. */
export interface CorrectorDependencies {
  settings: PlatformSettings;
  db: RpcPort;
  logger: Logger;
  /** Mends what no rule can; without it that is escalated. */
  model?: CodeModel | undefined;
  /** Without it nothing is applied, whatever is asked. */
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
  files: z.array(z.strictObject({ path: z.string(), content: z.string() })).min(1).max(20_000),
  /** Limits the work to these; everything that is found when left out. What else an issue says is not read. */
  issues: z.array(z.object({ path: z.string(), rule: z.string().max(60) })).max(20_000).optional(),
  /** Judges the project as one of this framework. */
  framework: z.string().max(60).optional(),
  title: z.string().max(200).default("App"),
  continue_from: z.int().min(0).default(0),
  /** Asks to keep the result as the project's new state. */
  apply: z.boolean().default(false),
  project_id: z.uuid().optional(),
});

type CorrectionCall = z.infer<typeof correctionCall>;

/** Makes the function's handler. */
export function createHandler(dependencies: CorrectorDependencies): (request: Request) => Promise<Response> {
  const means = { ...dependencies, maxBodyBytes: MAX_BODY_BYTES };
  return ownFunction("autonomous-corrector", means, (call) => answer(call, dependencies));
}

async function answer({ body, request }: EdgeCall, dependencies: CorrectorDependencies): Promise<Response> {
  const asked = read(body);
  assertProjectFiles(asked.files, {
    ...PROJECT_LIMITS,
    fileBytes: MAX_FILE_BYTES,
    totalBytes: MAX_BODY_BYTES,
  });
  if (asked.continue_from >= asked.files.length) {
    throw new HealingError(
      "BAD_REQUEST",
      `There is no file ${asked.continue_from} among ${asked.files.length}`,
      {
        hint: "Send all files again, with the continue_from of the last answer",
      },
    );
  }
  // A word that means no framework is refused before anything is done.
  if (asked.framework !== undefined) projectKindOf(asked.framework);
  const { model, clock } = dependencies;
  const outcome = await applyAutoFixes(asked.files, asked.issues, {
    from: asked.continue_from,
    budgetMs: SLICE_MS,
    model,
    signal: request.signal,
    ...(clock === undefined ? {} : { clock }),
  });
  return Response.json(await reportOf(asked, outcome, dependencies), {
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
      hint: 'Send {"files": [{"path", "content"}], "issues"?: [{"path", "rule"}], "framework"?, "title"?, ' +
        '"continue_from"?, "apply"?, "project_id"?}',
    },
  );
}

async function reportOf(asked: CorrectionCall, outcome: FixOutcome, { store }: CorrectorDependencies) {
  const changed = new Set(outcome.changed);
  const files = outcome.files.filter(({ path }) => changed.has(path));
  return {
    ...await applied(asked, files, outcome, store),
    files,
    fixes: outcome.applied,
    taken_back: outcome.takenBack,
    escalated: outcome.escalated,
    validation: await validationOf(asked, outcome.files, outcome.remaining),
    continue_from: outcome.next,
  };
}

/** Nothing is kept unless it was asked for, a store is there, and the work is done. */
async function applied(
  { apply, project_id }: CorrectionCall,
  files: readonly ProjectFile[],
  outcome: FixOutcome,
  store: ProjectStore | undefined,
): Promise<{ applied: boolean; reason: string }> {
  if (!apply) return { applied: false, reason: "it was not asked for" };
  if (store === undefined) return { applied: false, reason: "no project store is wired here" };
  if (project_id === undefined) return { applied: false, reason: "no project_id was given" };
  if (outcome.next !== null) return { applied: false, reason: "not all files were read yet" };
  if (files.length === 0) return { applied: false, reason: "nothing was changed" };
  await store.save(project_id, files);
  return { applied: true, reason: "it was asked for" };
}

/** Of the files that this call has read; without a framework there is nothing to hold the project against. */
async function validationOf(
  { framework, title }: CorrectionCall,
  files: readonly ProjectFile[],
  remaining: readonly CodeIssue[],
) {
  if (framework !== undefined) return await judgeIssues(files, framework, title, remaining);
  const passed = remaining.every(({ severity }) => severity !== "error");
  return { passed, qualityScore: null, missingFiles: [], issues: remaining };
}
