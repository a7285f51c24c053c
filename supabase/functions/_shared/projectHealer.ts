/**
 * Heals generated projects whose quality is too low: measures them, adds what their framework needs and they do not have,
 * and suggests what would mend the files that are there.
 *
 * What is added goes the way of every fix: opened under a claim, proposed, permitted by switches and budgets, applied with a
 * rollback point and probed in one transaction, and watched; a person takes it back as any other. A file that is there is
 * never changed without a person. Reading code is heavy, so one call works for about a second and says where to go on.
 *
 * @module
 */

import type { Clock } from "./core/clock.ts";
import { messageOf } from "./core/errors.ts";
import type { Json, RpcPort } from "./core/ports.ts";
import type { DirectConnection } from "./postgres.ts";
import { errorsIn, type HealState, readState, startOf } from "./projectHealer/state.ts";
import { type StepMeans, takeStep } from "./projectHealer/steps.ts";
import {
  createProjectStore,
  findQualityWork,
  type QualityMetrics,
  recordProjectQuality,
  recordQualityProof,
  type StoredProject,
} from "./projectStore.ts";
import { LEAST_SCORE } from "./qualityValidator.ts";

/** What healing projects needs. */
export interface ProjectHealerMeans {
  db: RpcPort;
  /** Files are changed over it; without one nothing is. */
  openDirect?: (() => Promise<DirectConnection>) | undefined;
  /** Names this worker in its claims. */
  worker: string;
  clock: Clock;
}

/** What one call came to; each list has one sentence for each. */
export interface ProjectHealing {
  checked: number;
  applied: string[];
  suggested: string[];
  /** Looked at and left, and why. */
  left: string[];
  failures: string[];
  /** Pieces of work that were done. */
  steps: number;
  /** Where the next call goes on; null when nothing is under way. */
  state: HealState | null;
}

/** How one call is bounded. */
export interface ProjectHealingLimits {
  /** Only this one. */
  projectId?: string | undefined;
  /** Where the last call ended, as it said. */
  state?: Json;
  hasTime?: () => boolean;
}

/** The platform ends a function after two seconds of work, and the engine has other things to do too. */
const SLICE_MS = 900;

/** Works for about a second on projects that are due, or on one of them. */
export async function healProjects(
  means: ProjectHealerMeans,
  { projectId, state: checkpoint = null, hasTime = () => true }: ProjectHealingLimits = {},
): Promise<ProjectHealing> {
  await using round = new Round(means, hasTime);
  const { report } = round;
  let state = readState(checkpoint);
  while (report.steps === 0 || !round.isOver()) {
    const work = await findQualityWork(means.db, LEAST_SCORE, projectId);
    if (work === null) return { ...report, state: null };
    state = await round.go(work.project_id, state?.project_id === work.project_id ? state : null);
  }
  return { ...report, state };
}

/** What is wrong with the next project that is due; nothing is changed. */
export async function planProjects(
  { db, clock }: Pick<ProjectHealerMeans, "db" | "clock">,
  projectId?: string,
): Promise<string> {
  const work = await findQualityWork(db, LEAST_SCORE, projectId);
  const project = work === null ? null : await createProjectStore(db).read(work.project_id);
  if (project === null) return "no project is due";
  const means = {
    clock,
    worker: "plan",
    budgetMs: SLICE_MS,
    direct: () => Promise.resolve(null),
    tell: () => {},
  };
  const step = await takeStep(project, startOf(project), means);
  const judged = "end" in step ? step.judged : step.next.before;
  if (judged === null) return `${project.id} takes more than one slice to be read`;
  const missing = judged.missing.length === 0 ? "nothing" : judged.missing.join(", ");
  return `${project.id} has a score of ${judged.score} and ${
    errorsIn(judged.issues)
  } errors, and misses ${missing}`;
}

/** One call: its time, its connection, and what came of it. */
class Round implements AsyncDisposable {
  readonly report: Omit<ProjectHealing, "state"> = {
    checked: 0,
    applied: [],
    suggested: [],
    left: [],
    failures: [],
    steps: 0,
  };
  readonly #means: ProjectHealerMeans;
  readonly #hasTime: () => boolean;
  readonly #untilMs: number;
  #connection: Promise<DirectConnection> | undefined;

  constructor(means: ProjectHealerMeans, hasTime: () => boolean) {
    this.#means = means;
    this.#hasTime = hasTime;
    this.#untilMs = means.clock.monotonic() + SLICE_MS;
  }

  isOver(): boolean {
    return this.#means.clock.monotonic() >= this.#untilMs || !this.#hasTime();
  }

  /** Goes on with a project; where it stands when the time is over, or null when it is done. */
  async go(projectId: string, state: HealState | null): Promise<HealState | null> {
    let now = state;
    do {
      const project = await createProjectStore(this.#means.db).read(projectId);
      if (project === null) return null;
      // What was measured of other files says nothing about these.
      const begun = now?.revision === project.revision ? now : startOf(project);
      now = await this.#step(project, begun);
    } while (now !== null && !this.isOver());
    return now;
  }

  async #step(project: StoredProject, state: HealState): Promise<HealState | null> {
    this.report.steps++;
    try {
      const step = await takeStep(project, state, this.#stepMeans(project));
      if ("next" in step) return await this.#atRevision(step.next, project);
      await recordQualityProof(this.#means.db, project.id, {
        score: step.judged.score,
        errors: errorsIn(step.judged.issues),
      });
      await recordProjectQuality(this.#means.db, project, step.end);
      this.report.checked++;
    } catch (thrown) {
      const reason = messageOf(thrown).slice(0, 500);
      this.report.failures.push(`${project.id}: ${reason}`);
      // What cannot be read must not stand in the way of the others.
      await recordProjectQuality(this.#means.db, project, unread(project, reason));
    }
    return null;
  }

  /** Files that were added just now make another revision, which is ours. */
  async #atRevision(next: HealState, project: StoredProject): Promise<HealState> {
    if (next.added === 0 || next.phase !== "patch") return next;
    const now = await createProjectStore(this.#means.db).read(project.id);
    return { ...next, revision: now?.revision ?? next.revision };
  }

  #stepMeans({ id }: StoredProject): StepMeans {
    const { clock, worker } = this.#means;
    return {
      clock,
      worker,
      budgetMs: Math.max(0, this.#untilMs - clock.monotonic()),
      direct: this.#direct,
      tell: ({ kind, reason }) => {
        const list = kind === "applied" ? "applied" : kind === "waiting" ? "suggested" : "left";
        this.report[list].push(`${id}: ${reason}`);
      },
    };
  }

  readonly #direct = async (): Promise<DirectConnection | null> => {
    if (this.#means.openDirect === undefined) return null;
    return await (this.#connection ??= this.#means.openDirect());
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#connection?.catch(() => undefined))?.close();
  }
}

function unread({ quality_score }: StoredProject, error: string): QualityMetrics {
  return {
    phase: "checked",
    quality_score: quality_score ?? 0,
    validation_passed: false,
    missing_files: [],
    issues: [],
    issue_count: 0,
    error_count: 0,
    fixes_applied: 0,
    files_added: 0,
    details: { error },
  };
}
