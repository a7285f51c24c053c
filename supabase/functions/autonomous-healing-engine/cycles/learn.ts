/** Cycle 2: learn. Patterns lose weight with time by themselves; here those that are bad or unused are retired. @module */

import { maintainPatterns } from "../../_shared/healingDb.ts";
import { type Cycle, type CycleContext, type CycleReport, rehearse } from "./cycle.ts";

/** `maintain_patterns` retires at most so many of each sort in a call. */
const AT_A_TIME = 500;

/** Tends the patterns. */
export const learnCycle: Cycle = {
  number: 2,
  name: "learn",
  budgetMs: 10_000,
  canOneProject: false,
  run: learn,
  plan: (context) => rehearse("learn", context, learn),
};

async function learn({ db, hasTime }: CycleContext): Promise<CycleReport> {
  let retired = 0;
  for (;;) {
    const { retired_bad, retired_unused } = await maintainPatterns(db);
    retired += retired_bad + retired_unused;
    const isDone = retired_bad < AT_A_TIME && retired_unused < AT_A_TIME;
    if (isDone) return { status: "finished", counters: { patterns_retired: retired } };
    if (!hasTime()) return { status: "paused", counters: { patterns_retired: retired } };
  }
}
