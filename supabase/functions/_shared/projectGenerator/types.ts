/** What generating is wired to, and what bounds it. @module */

import type { AiClient, fenceUntrusted } from "../aiClient.ts";
import type { CodeModel } from "../autoFixEngine.ts";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { RpcPort } from "../core/ports.ts";
import type { ProjectLimits } from "../core/projectPaths.ts";
import { GENERATION_LIMITS } from "../implementationPlanner.ts";

/** What bounds one worker. */
export interface GeneratorLimits {
  /** How long a claim holds without a sign of life. */
  leaseSeconds: number;
  /** How often a worker gives one. */
  renewMs: number;
  /** Longest time of one question to a model. */
  callMs: number;
  /** With less time than this left, no question is begun; the next invocation asks it. */
  leastMs: number;
  /** A reply that takes longer makes the next question smaller. */
  slowMs: number;
  /** Files that are asked for at once, at first. */
  chunkFiles: number;
  /** Passing failures of the model in a row that are waited out. */
  mostFailures: number;
  /** Pause after the first of them; each further one doubles it. */
  retryMs: number;
  /** Work on code in one invocation: the platform ends a worker after two seconds of it. */
  sliceMs: number;
  project: ProjectLimits;
}

/** The limits of the platform. */
export const GENERATOR_LIMITS: GeneratorLimits = {
  leaseSeconds: 45,
  renewMs: 12_000,
  callMs: 100_000,
  leastMs: 20_000,
  slowMs: 40_000,
  chunkFiles: 4,
  mostFailures: 3,
  retryMs: 4_000,
  sliceMs: 900,
  project: GENERATION_LIMITS,
};

/** What generating is wired to. */
export interface GeneratorMeans {
  db: RpcPort;
  /** Needed for all but templates. */
  model: AiClient;
  fence: typeof fenceUntrusted;
  /** Mends the code that no rule can; without it that stays in the project's issues. */
  codeModel?: CodeModel | undefined;
  logger: Logger;
  functionName: string;
  /** Names this worker in the claims. */
  worker: string;
  /** Where migrations are rehearsed; without it they are only saved. */
  databaseUrl?: string | undefined;
  /** What this worker has left; `wallClock()` of `timeout.ts` makes one. */
  remainingMs?: (() => number) | undefined;
  limits?: Partial<GeneratorLimits> | undefined;
  clock?: Clock | undefined;
}
