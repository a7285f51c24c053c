/** The steps of a generation: each ends in a checkpoint, from which any worker can go on. @module */

import { HealingError } from "../core/errors.ts";
import type { ProjectFile } from "../core/projectPaths.ts";
import { writeFiles } from "../fileWriter.ts";
import { emptyPlan, planNext } from "../implementationPlanner.ts";
import { templateFiles } from "../projectTemplates.ts";
import { effectiveLimit } from "../timeout.ts";
import { isPassingFailure } from "./failures.ts";
import type { GenerationSession } from "./session.ts";

/** What a step came to: go on here, or the next invocation has it. */
export type StepEnd = "goOn" | "released";

/** Where the migration of a generation goes; the same for each of its workers. */
export function migrationPathOf({ claim }: GenerationSession): string {
  const version = new Date(claim.created_at).toISOString().replace(/\D/g, "").slice(0, 14);
  return `supabase/migrations/${version}_create_tables.sql`;
}

/** Writes the files of a template: no model is asked. */
export async function fillTemplate(session: GenerationSession): Promise<StepEnd> {
  const { claim, state } = session;
  const order = { title: claim.title, request: claim.user_request, migrationPath: migrationPathOf(session) };
  const files = templateFiles(claim.framework, order);
  if (files === undefined) {
    throw new HealingError("BAD_REQUEST", `There is no template for ${claim.framework}`, {
      hint: 'Leave out mode: "template"',
    });
  }
  const planned = files.map(({ path }) => ({ path, purpose: "template" }));
  state.plan = {
    title: claim.title,
    description: claim.user_request,
    files: planned,
    isWhole: true,
    parts: 1,
  };
  await session.keep(
    { stage: "writing", progress: 80, message: `${files.length} files from the template` },
    files,
  );
  return "goOn";
}

/** Asks for the next part of the plan. */
export async function planStep(session: GenerationSession, signal: AbortSignal): Promise<StepEnd> {
  const { means: { model, fence }, claim, state, limits } = session;
  const { user_request: request, framework } = claim;
  const before = state.plan ?? emptyPlan(claim.title);
  const order = { request, framework, migrationPath: migrationPathOf(session), fence };
  const plan = await patiently(
    session,
    signal,
    (timeoutMs) => planNext(model, order, before, { signal, timeoutMs, limits: limits.project }),
  );
  if (plan === "released") return plan;
  state.plan = plan;
  const message = plan.isWhole
    ? `planned ${plan.files.length} files`
    : `planned ${plan.files.length} files so far`;
  await session.keep({ stage: plan.isWhole ? "writing" : "planning", progress: 10, message });
  return "goOn";
}

/** Has the next files of the plan written. */
export async function writeStep(
  session: GenerationSession,
  signal: AbortSignal,
  missing: readonly string[],
): Promise<StepEnd> {
  const { means: { model, fence }, claim, state, limits, clock } = session;
  const wanted = missing.slice(0, state.chunkFiles);
  const { user_request: request, framework } = claim;
  const plan = state.plan!.files;
  const order = {
    request,
    framework,
    plan,
    written: session.projectFiles,
    wanted,
    limits: limits.project,
    fence,
  };
  const startedAt = clock.monotonic();
  const reply = await patiently(
    session,
    signal,
    (timeoutMs) => writeFiles(model, order, { signal, timeoutMs }),
  );
  if (reply === "released") return reply;
  const { files, isCut } = reply;
  const isSlow = clock.monotonic() - startedAt > limits.slowMs;
  if (isCut || isSlow) state.chunkFiles = Math.max(1, Math.floor(wanted.length / 2));
  noteProgress(session, files, wanted, isCut);
  const done = plan.length - missing.length + files.length;
  await session.keep({
    stage: "writing",
    progress: Math.min(80, 10 + Math.floor(70 * done / plan.length)),
    message: `wrote ${Math.min(done, plan.length)} of ${plan.length} files`,
  }, files);
  return "goOn";
}

/** Files that do not come are asked for again, in smaller pieces, and not for ever. */
function noteProgress(
  { state }: GenerationSession,
  files: readonly ProjectFile[],
  wanted: readonly string[],
  isCut: boolean,
): void {
  const brought = files.some(({ path }) => wanted.includes(path));
  state.stalled = brought ? 0 : state.stalled + 1;
  const isHopeless = state.stalled >= 3 || (isCut && !brought && wanted.length === 1);
  if (!isHopeless) return;
  throw isCut
    ? new HealingError("JSON_TRUNCATED", `The reply was cut before ${wanted[0]} was whole`, {
      hint: "Ask for less, or name a model that may write more",
      details: { errorType: "file_truncated" },
    })
    : new HealingError("JSON_SCHEMA_MISMATCH", `The model did not write ${wanted.slice(0, 3).join(", ")}`, {
      hint: "Try again, or name another model",
      details: { errorType: "files_missing" },
    });
}

/** Waits a passing failure out, here or in the next invocation; what lasts, and what comes too often, is thrown. */
async function patiently<Result>(
  session: GenerationSession,
  signal: AbortSignal,
  ask: (timeoutMs: number) => Promise<Result>,
): Promise<Result | "released"> {
  const { state, limits, clock } = session;
  while (true) {
    // The generation's own limit is watched from outside, and says what it was.
    const timeoutMs = Math.max(1, effectiveLimit(limits.callMs, session.means.remainingMs?.()));
    try {
      const result = await ask(timeoutMs);
      state.failures = 0;
      return result;
    } catch (error) {
      signal.throwIfAborted();
      session.modelFailure = error;
      if (!isPassingFailure(error)) throw error;
      if (error.code === "TIMEOUT") state.chunkFiles = Math.max(1, Math.floor(state.chunkFiles / 2));
      // A question that this worker had too little time for says nothing about the model.
      if (error.code === "TIMEOUT" && timeoutMs < limits.callMs && session.isLate) {
        return await leave(session, "goes on in the next invocation");
      }
      const waitMs = error.retryAfterMs ?? limits.retryMs * 2 ** state.failures;
      state.failures++;
      if (state.failures >= limits.mostFailures || waitMs + 1_000 > session.leftMs) throw error;
      if (waitMs + limits.leastMs > session.workerMs && session.leftMs > session.workerMs + 1_000) {
        return await leave(session, `waits for the model: ${error.code}`, waitMs);
      }
      await clock.sleep(waitMs, signal);
    }
  }
}

async function leave(session: GenerationSession, reason: string, afterMs = 0): Promise<"released"> {
  await session.release(reason, afterMs);
  return "released";
}
