/** The verdict on a rollout out of its row: whatever stands in it, there is one. */

import assert from "node:assert/strict";
import { judgeRollout } from "../../../supabase/functions/_shared/releaseWatch.ts";
import type { ClaimedRollout, RolloutMinute } from "../../../supabase/functions/_shared/rolloutDb.ts";

type Rollout = Parameters<typeof judgeRollout>[0];

type Figures = [number, number, number, number, number, number];

function minutes(count: number, ...figures: Figures): RolloutMinute[] {
  return Array.from(
    { length: count },
    (_, minute): RolloutMinute => [`2026-11-30T10:${minute}:00Z`, ...figures],
  );
}

function rolloutOf(changes: Partial<Rollout> = {}): Rollout {
  return {
    share: 50,
    steps: [10, 25, 50, 75, 100],
    minutes: minutes(40, 50, 1, 2, 50, 1, 2),
    baseline: {},
    plan: {},
    step_minutes: 40,
    changes: {},
    ...changes,
  };
}

Deno.test("judgeRollout() lets go on, takes back and pauses by the figures of its row", () => {
  assert.equal(judgeRollout(rolloutOf()).kind, "promote");
  assert.equal(judgeRollout(rolloutOf({ minutes: minutes(40, 50, 6, 2, 50, 1, 2) })).kind, "rollback");
  assert.equal(judgeRollout(rolloutOf({ minutes: minutes(40, 50, 1, 20, 50, 1, 2) })).rule, "slower");
});

Deno.test("judgeRollout() goes by the plan of a person, and by its defaults where that makes no sense", () => {
  const plan = { minRequests: 5_000, tolerance: { ratio: 3, share: 0.02 } };
  assert.equal(judgeRollout(rolloutOf({ plan })).rule, "tooEarly");
  const strange = { minRequests: "many", minMinutes: -1, maxMinutes: 0.5, tolerance: [] };
  assert.equal(judgeRollout(rolloutOf({ plan: strange })).kind, "promote");
  assert.equal(judgeRollout(rolloutOf({ plan: { minMinutes: 5_000 } })).rule, "tooEarly");
});

Deno.test("judgeRollout() pauses on figures that are none", () => {
  const rows: Figures[] = [[50, 60, 0, 0, 0, 0], [Number.NaN, 0, 0, 0, 0, 0], [-1, 0, 0, 0, 0, 0]];
  for (const row of rows) {
    assert.equal(judgeRollout(rolloutOf({ minutes: minutes(5, ...row) })).rule, "unreadable");
  }
  const baseline = { bucket_minutes: 10, buckets: [[1, 5, 0]] } as unknown as ClaimedRollout["baseline"];
  assert.equal(judgeRollout(rolloutOf({ baseline })).rule, "unreadable");
  assert.equal(judgeRollout(rolloutOf({ minutes: [], step_minutes: 400 })).kind, "wait");
});

Deno.test("judgeRollout() takes nothing back across a migration that destroyed something; other files do not matter", () => {
  const harm = minutes(40, 50, 6, 2, 50, 1, 2);
  const withFile = (path: string, content: unknown) =>
    judgeRollout(
      rolloutOf({
        minutes: harm,
        changes: { files: [{ path, content }, null, "odd"] } as Rollout["changes"],
      }),
    );
  const verdict = withFile("supabase/migrations/1_x.sql", "drop table orders");
  assert.deepEqual([verdict.kind, verdict.rule], ["pause", "destructive"]);
  assert.match(
    verdict.reason,
    /Lost would be: what table it drops \(supabase\/migrations\/1_x.sql:1: drop table orders\)/,
  );
  assert.equal(withFile("supabase/migrations/1_x.sql", "create table a (b int)").kind, "rollback");
  assert.equal(withFile("docs/drop.sql", "drop table orders").kind, "rollback");
  assert.equal(withFile("supabase/migrations/1_x.sql", 7).kind, "rollback");
});
