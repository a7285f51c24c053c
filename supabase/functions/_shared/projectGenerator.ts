/**
 * Generates projects: a request becomes a plan, files, a judged whole, and is saved with all of it or not at all.
 *
 * A worker takes the request for itself, goes on from the last checkpoint, and leaves one after each step. When its own
 * time is short it gives the request to the next invocation; when the time of the generation is over, the five actions
 * for that run, and it has failed with a code, a category and a severity. Whatever ends a worker, another one goes on, and
 * a late one can change nothing any more.
 *
 * @module
 */

import { runInBackground } from "./core/background.ts";
import { isHealingError, messageOf } from "./core/errors.ts";
import {
  claimGeneration,
  readGeneration,
  saveGeneratedProject,
  type ShownGeneration,
} from "./generationDb.ts";
import { completeStep, fixStep, measure, savedFiles } from "./projectGenerator/checking.ts";
import { failureOf, isDatabaseAway } from "./projectGenerator/failures.ts";
import { applyProposed, proposeMigration } from "./projectGenerator/migration.ts";
import { GenerationSession } from "./projectGenerator/session.ts";
import { fillTemplate, planStep, type StepEnd, writeStep } from "./projectGenerator/steps.ts";
import { GENERATOR_LIMITS, type GeneratorMeans } from "./projectGenerator/types.ts";
import { type TimedOut, withTimeout } from "./timeout.ts";
import { projectTimeoutActions } from "./timeoutActions.ts";

export { GENERATOR_LIMITS, type GeneratorLimits, type GeneratorMeans } from "./projectGenerator/types.ts";

const OPERATION = "The generation";

/** Takes a generation, unless somebody else has it, and works on it as long as this worker can. Never rejects for what the generation did. */
export async function workOnGeneration(requestId: string, means: GeneratorMeans): Promise<ShownGeneration> {
  const { leaseSeconds } = { ...GENERATOR_LIMITS, ...means.limits };
  const claim = await claimGeneration(means.db, requestId, means.worker, leaseSeconds);
  if (!claim.claimed) return claim;
  await new Worker(new GenerationSession(claim, means)).run();
  return await readGeneration(means.db, requestId);
}

class Worker {
  readonly #ends = new AbortController();
  readonly #lost = new AbortController();
  /** Settles when the actions after a timeout have told it. */
  readonly #told = Promise.withResolvers<void>();

  constructor(private readonly session: GenerationSession) {}

  async run(): Promise<void> {
    const { session } = this;
    runInBackground(() => session.beat(this.#ends.signal, (error) => this.#lost.abort(error)));
    try {
      // A limit is a number above 0, and a generation without any time left ends at its first question.
      await withTimeout((signal) => this.#work(signal), Math.max(1, session.leftMs), {
        operation: OPERATION,
        signal: this.#lost.signal,
        clock: session.clock,
        actions: this.#actions(),
        onActionFailed: (action, error) => this.#log(`the action ${action} failed`, error),
      });
    } catch (error) {
      await this.#ended(error);
    } finally {
      this.#ends.abort();
    }
  }

  async #work(signal: AbortSignal): Promise<void> {
    let end: StepEnd | "saved" = "goOn";
    while (end === "goOn") {
      signal.throwIfAborted();
      end = await this.#step(signal);
    }
  }

  async #step(signal: AbortSignal): Promise<StepEnd | "saved"> {
    const { session } = this;
    const { state: { plan, check }, claim } = session;
    if (plan === null && claim.mode === "template") return await fillTemplate(session);
    const missing = plan?.files.map(({ path }) => path).filter((path) => !session.files.has(path));
    const asksModel = plan?.isWhole !== true || missing!.length > 0;
    if (asksModel && session.isLate) {
      await session.release("goes on in the next invocation");
      return "released";
    }
    if (plan?.isWhole !== true) return await planStep(session, signal);
    if (check === null) {
      return asksModel ? await writeStep(session, signal, missing!) : await completeStep(session);
    }
    return check.next === null ? await this.#save(signal) : await fixStep(session, signal);
  }

  async #save(signal: AbortSignal): Promise<"saved"> {
    const { session } = this;
    const { state: { plan }, claim, means: { db } } = session;
    const metrics = await measure(session);
    const proposed = await proposeMigration(session);
    signal.throwIfAborted();
    const files = savedFiles(session).map((file) =>
      file.path === proposed?.draft.path ? { ...file, content: proposed.draft.sql } : file
    );
    const draft = {
      ...{
        title: plan!.title,
        description: plan!.description,
        plan: { files: plan!.files.map((one) => ({ ...one })) },
      },
      ...(proposed === undefined ? {} : { migration: proposed.draft }),
    };
    await saveGeneratedProject(db, claim.request_id, claim.claim_number, draft, files, metrics);
    // Saved is saved: what becomes of its migration is told in the project's own row.
    if (proposed?.mayApply === true) await applyProposed(session, proposed);
    return "saved";
  }

  /** The documented five: the signal has stopped the model's call; the failure is told and stored in one move; the rest is learnt. */
  #actions() {
    const { session } = this;
    const { means: { db, functionName }, claim } = session;
    const plain = projectTimeoutActions({
      ...{ db, functionName, projectId: claim.project_id, requestId: claim.request_id },
      cleanUp: (timedOut) => timedOut.reason === "unload" ? session.release("its worker ended") : undefined,
    });
    return { ...plain, broadcast: (timedOut: TimedOut) => this.#tell(timedOut) };
  }

  async #tell({ reason }: TimedOut): Promise<void> {
    try {
      // A worker that ends is no end of the generation: the next one goes on.
      if (reason === "unload") return;
      const { claim, state } = this.session;
      await this.session.fail({
        code: "TIMEOUT",
        error_type: "generation_timeout",
        message: `${OPERATION} did not end in time: ${this.session.files.size} of ${
          state.plan?.files.length ?? "unknown"
        } files were written`,
        hint: "Resume it with its request id: it goes on from its checkpoint; or ask for less",
        failure_category: "timeout",
        severity: "high",
        details: { claims: claim.claim_count },
      });
    } finally {
      this.#told.resolve();
    }
  }

  async #ended(error: unknown): Promise<void> {
    const isOurs = isHealingError(error) && error.code === "TIMEOUT" &&
      error.details?.operation === OPERATION;
    if (isOurs) return await this.#told.promise;
    if (isHealingError(error) && error.code === "LEASE_LOST") return this.#log("the claim has gone", error);
    this.#log("a generation failed", error);
    try {
      // A database that was away for a moment has said nothing about the generation.
      if (error !== this.session.modelFailure && isDatabaseAway(error)) {
        await this.session.release("the database was away", 5_000);
      } else await this.session.fail(await failureOf(error));
    } catch (thrown) {
      // Whoever has the claim now, or the reaper, ends it.
      this.#log("the failure could not be stored", thrown);
    }
  }

  #log(message: string, error: unknown): void {
    const { logger } = this.session.means;
    const { request_id: requestId } = this.session.claim;
    const code = isHealingError(error) ? error.code : "INTERNAL";
    const reason = isHealingError(error)
      ? messageOf(error).slice(0, 500)
      : "an error that is no answer of ours";
    logger.warn(message, { requestId, code, reason });
  }
}
