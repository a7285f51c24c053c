/** A generation that this worker has for itself: its state, its files, its time, and the moves that it may make. @module */

import { type Clock, systemClock } from "../core/clock.ts";
import { isHealingError } from "../core/errors.ts";
import type { ProjectFile } from "../core/projectPaths.ts";
import {
  checkpointGeneration,
  type ClaimedGeneration,
  failGeneration,
  type GenerationFailure,
  type GenerationStage,
  releaseGeneration,
  renewGeneration,
  type ShownGeneration,
} from "../generationDb.ts";
import { effectiveLimit } from "../timeout.ts";
import { type GenerationState, readState } from "./state.ts";
import { GENERATOR_LIMITS, type GeneratorLimits, type GeneratorMeans } from "./types.ts";

/** Where the work is, as it is shown. */
export interface Place {
  stage: GenerationStage;
  progress: number;
  message: string;
}

/** The claim, with what it holds. */
export class GenerationSession {
  readonly limits: GeneratorLimits;
  readonly clock: Clock;
  readonly files: Map<string, string>;
  state: GenerationState;
  /** The failure of a model that was not waited out. */
  modelFailure: unknown;
  #place: Place;
  #endsAt: number;

  constructor(readonly claim: ClaimedGeneration, readonly means: GeneratorMeans) {
    this.limits = { ...GENERATOR_LIMITS, ...means.limits };
    this.clock = means.clock ?? systemClock;
    this.files = new Map(claim.drafts.map(({ path, content }) => [path, content]));
    this.state = readState(claim.checkpoint, this.limits.chunkFiles);
    this.#place = { stage: claim.stage, progress: claim.progress, message: claim.message };
    this.#endsAt = this.clock.monotonic() + claim.seconds_left * 1_000;
  }

  /** In the order of their paths, which is the same for each worker. */
  get projectFiles(): ProjectFile[] {
    const files = [...this.files].map(([path, content]) => ({ path, content }));
    return files.sort((one, other) => one.path < other.path ? -1 : 1);
  }

  /** What the generation has left over all of its invocations. */
  get leftMs(): number {
    return Math.max(0, this.#endsAt - this.clock.monotonic());
  }

  /** What this worker may still use of it. */
  get workerMs(): number {
    return effectiveLimit(this.leftMs, this.means.remainingMs?.());
  }

  /** Whether the next invocation has more time for a step than this one. */
  get isLate(): boolean {
    return this.workerMs < this.limits.leastMs && this.leftMs > this.workerMs + 1_000;
  }

  /** Keeps how far it is, with the files that are new. */
  async keep(place: Place, files: readonly ProjectFile[] = []): Promise<void> {
    for (const { path, content } of files) this.files.set(path, content);
    this.#place = place;
    const checkpoint = { ...place, state: structuredClone(this.state) };
    const { db } = this.means;
    const { request_id: id, claim_number: number } = this.claim;
    await checkpointGeneration(db, id, number, checkpoint, files, this.limits.leaseSeconds);
  }

  /** Gives it to the next invocation, at once or after a pause. */
  async release(reason: string, afterMs = 0): Promise<void> {
    await this.keep(this.#place);
    const { request_id: id, claim_number: number } = this.claim;
    await releaseGeneration(this.means.db, id, number, reason, Math.ceil(afterMs / 1_000));
  }

  /** Ends it. */
  fail(failure: GenerationFailure): Promise<ShownGeneration> {
    return failGeneration(this.means.db, this.claim.request_id, this.claim.claim_number, failure);
  }

  /** Gives signs of life until the signal ends it; tells when the claim has gone to another worker. */
  async beat(signal: AbortSignal, onLost: (error: unknown) => void): Promise<void> {
    const { request_id: id, claim_number: number } = this.claim;
    while (true) {
      try {
        await this.clock.sleep(this.limits.renewMs, signal);
        await renewGeneration(this.means.db, id, number, this.limits.leaseSeconds);
      } catch (error) {
        if (signal.aborted) return;
        // A database that is away for a moment takes no claim from anybody.
        if (isHealingError(error) && error.code === "LEASE_LOST") return onLost(error);
      }
    }
  }
}
