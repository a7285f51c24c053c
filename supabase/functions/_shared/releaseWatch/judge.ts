/** The verdict on one rollout, out of what the database counted. @module */

import type { Json } from "../core/ports.ts";
import type { ClaimedRollout, RolloutMinute } from "../rolloutDb.ts";
import {
  type CanaryPlan,
  type CanaryVerdict,
  judgeCanary,
  type MetricBaseline,
  type WatchedMetric,
} from "../statistics.ts";
import { destructionsIn } from "./destruction.ts";

/** What is said of a rollout: the canary's verdict, or that only a person may go back. */
export type RolloutJudgement =
  | Pick<CanaryVerdict, "kind" | "rule" | "reason" | "figures">
  | { kind: "pause"; rule: "destructive"; reason: string; figures: CanaryVerdict["figures"] };

type Counted = Pick<
  ClaimedRollout,
  "share" | "steps" | "minutes" | "baseline" | "plan" | "step_minutes" | "changes"
>;

/** Judges a rollout; what cannot be read pauses. */
export function judgeRollout(rollout: Counted): RolloutJudgement {
  const verdict = judgeCanary({
    metrics: metricsOf(rollout),
    share: Math.min(1, Math.max(0, rollout.share / 100)),
    stepMinutes: Math.min(rollout.step_minutes, rollout.minutes.length),
    steps: Math.max(1, rollout.steps.length),
    plan: planOf(rollout.plan),
  });
  if (verdict.kind !== "rollback") return verdict;
  const lost = migrationsOf(rollout.changes).flatMap(({ path, content }) =>
    destructionsIn(content).map(({ line, statement, what }) => `${what} (${path}:${line}: ${statement})`)
  );
  if (lost.length === 0) return verdict;
  const reason =
    `${verdict.reason}; but the release came with a migration that destroyed something, so only a person ` +
    `may go back. Lost would be: ${lost.slice(0, 5).join("; ")}`;
  return { kind: "pause", rule: "destructive", reason, figures: verdict.figures };
}

const REQUESTS = { errors: 1, slow: 2 } as const;

function metricsOf(rollout: Counted): WatchedMetric[] {
  const metric = (name: keyof typeof REQUESTS, onRegression: "revert" | "pause"): WatchedMetric => ({
    name,
    onRegression,
    minutes: rollout.minutes.map((minute) => ({
      canary: armOf(minute, 1, REQUESTS[name]),
      control: armOf(minute, 4, REQUESTS[name]),
    })),
    baseline: baselineOf(rollout, REQUESTS[name]),
  });
  // How slow nineteen of twenty were before is what "slow" means; without a time before, nothing is.
  return [metric("errors", "revert"), metric("slow", "pause")];
}

function armOf(minute: RolloutMinute, first: 1 | 4, kind: 1 | 2): { errors: number; n: number } {
  return { errors: Number(minute[first + kind]), n: Number(minute[first]) };
}

function baselineOf({ baseline }: Counted, kind: 1 | 2): MetricBaseline | null {
  const { buckets = [], bucket_minutes: bucketMinutes = 10 } = baseline;
  if (buckets.length === 0) return null;
  return {
    bucketMinutes,
    buckets: buckets.map((bucket) => ({ errors: Number(bucket[kind]), n: Number(bucket[0]) })),
  };
}

const LIMITS = ["minRequests", "minMinutes", "maxMinutes", "minBaseline"] as const;

/** A person's plan; what makes no sense in it leaves the default. */
function planOf(plan: { [key: string]: Json }): CanaryPlan {
  const limits = LIMITS.flatMap((key) => {
    const value = plan[key];
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 1 ? [[key, value]] : [];
  });
  const { tolerance } = plan as { tolerance?: { ratio?: unknown; share?: unknown } };
  const isTolerance = typeof tolerance?.ratio === "number" && tolerance.ratio >= 1 &&
    typeof tolerance.share === "number" && tolerance.share >= 0 && tolerance.share <= 1;
  const read: CanaryPlan = Object.fromEntries(limits);
  // The longest time of a step is never shorter than the shortest.
  const maxMinutes = Math.max(read.maxMinutes ?? 1_440, read.minMinutes ?? 10);
  return {
    ...read,
    maxMinutes,
    ...isTolerance ? { tolerance: tolerance as { ratio: number; share: number } } : {},
  };
}

function migrationsOf(changes: { [key: string]: Json }): { path: string; content: string }[] {
  const files = Array.isArray(changes.files) ? changes.files : [];
  return files.flatMap((file) => {
    const { path, content } = (file ?? {}) as { path?: unknown; content?: unknown };
    const isMigration = typeof path === "string" && /(^|\/)migrations\/[^/]+\.sql$/.test(path);
    return isMigration && typeof content === "string" ? [{ path, content }] : [];
  });
}
