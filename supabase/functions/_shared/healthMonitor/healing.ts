/** Whether the healing itself does its work: its jobs run, its runs end, its queues move, its budget lasts. @module */

import type { Json, RpcPort } from "../core/ports.ts";
import { getHealingHealth, type HealingHealth } from "../healthDb.ts";
import { type HealthCheck, type HealthLook, judgeFigure, worstOf } from "./check.ts";

const HOUR_S = 3_600;

/** The check. */
export function healingCheck(db: RpcPort): HealthCheck {
  return {
    name: "healing",
    limitMs: 10_000,
    async look() {
      const health = await getHealingHealth(db);
      const looks = [...lookAtJobs(health.jobs), ...lookAtWork(health), ...lookAtMeans(health)];
      const well: HealthLook = { status: "healthy", reason: "jobs run, runs end, and queues move" };
      return worstOf([well, ...looks], health as unknown as Json);
    },
  };
}

function lookAtJobs(jobs: HealingHealth["jobs"]): HealthLook[] {
  // Where schedules come from outside, the runs tell.
  if (!jobs.installed) return [];
  return [
    ...named("unhealthy", "jobs do not run", jobs.silent),
    ...named("unhealthy", "jobs fail", jobs.failing),
    ...named("unhealthy", "jobs are missing", jobs.missing),
    ...named("degraded", "jobs are switched off", jobs.switched_off),
  ];
}

function lookAtWork({ runs, queue_age_s: ages }: HealingHealth): HealthLook[] {
  const { lost, failed } = runs;
  return [
    judgeFigure({ words: `${lost} runs were lost in an hour`, value: lost, degraded: 1, unhealthy: 3 }),
    judgeFigure({ words: `${failed} runs failed in an hour`, value: failed, degraded: 3, unhealthy: 10 }),
    ...Object.entries(ages).map(([queue, value]) =>
      judgeFigure({
        words: `${queue} have been due for ${Math.round(value / 60)} min`,
        value,
        degraded: HOUR_S / 4,
        unhealthy: HOUR_S,
      })
    ),
  ];
}

/** What may be short without anything being broken. */
function lookAtMeans(health: HealingHealth): HealthLook[] {
  const { approvals, late_log_entries: late, open_breakers: breakers } = health;
  const never = Number.POSITIVE_INFINITY;
  const hours = Math.round(approvals.oldest_s / 360) / 10;
  const budget = budgetUsed(health.ai_budget);
  return [
    ...named("degraded", "circuit breakers are open", breakers),
    { words: `an approval has waited for ${hours} h`, value: hours, degraded: 24, unhealthy: never },
    { words: `${late} log entries came late in an hour`, value: late, degraded: 1, unhealthy: never },
    { words: `${budget} % of the day's AI budget is used`, value: budget, degraded: 80, unhealthy: never },
  ].map((one) => "words" in one ? judgeFigure(one) : one);
}

function budgetUsed(budget: HealingHealth["ai_budget"]): number {
  if (budget === null) return 0;
  // A budget of 0 is a wish, and not used up.
  const share = (used: number, limit: number) => limit > 0 ? used / limit : 0;
  const tokens = share(budget.committed_tokens, budget.limit_tokens);
  return Math.round(100 * Math.max(tokens, share(Number(budget.committed_usd), budget.limit_usd)));
}

function named(status: HealthLook["status"], what: string, names: readonly string[]): HealthLook[] {
  if (names.length === 0) return [];
  return [{ status, reason: `${what}: ${names.join(", ")}`, measured: names.length, threshold: 1 }];
}
