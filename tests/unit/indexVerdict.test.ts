import assert from "node:assert/strict";
import {
  type IndexMeasurement,
  judgeIndex,
  judgeRemoval,
} from "../../supabase/functions/_shared/databaseOptimizer/verdict.ts";
import type { StatementFigures } from "../../supabase/functions/_shared/databaseOptimizer/statements.ts";

/** So many calls of these milliseconds, with a tenth of spread. */
function calls(
  count: number,
  mean: number,
  after: StatementFigures = { calls: 0, total: 0, squares: 0 },
): StatementFigures {
  return {
    calls: after.calls + count,
    total: after.total + count * mean,
    squares: after.squares + count * (mean * mean + (mean / 10) ** 2),
  };
}

function measured(
  mean: number,
  changes: Partial<IndexMeasurement> & { since?: number } = {},
): IndexMeasurement {
  const { since = 100, ...rest } = changes;
  const before = { a: calls(200, 50) };
  return {
    before,
    now: { a: calls(since, mean, before.a) },
    scans: since,
    secondsWatched: 600,
    minCalls: 50,
    windowIsOver: false,
    ...rest,
  };
}

const CASES: [string, IndexMeasurement, string, RegExp][] = [
  ["ten times as fast", measured(5), "keep", /10.0 % of its time/],
  ["a tenth faster is no gain yet", measured(45), "wait", /no gain shows yet/],
  [
    "a tenth faster is no gain after many calls",
    measured(45, { since: 500 }),
    "revert",
    /no gain shows in 500 calls/,
  ],
  ["a tenth faster is no gain at the end", measured(45, { windowIsOver: true }), "revert", /no gain shows/],
  ["twice as slow", measured(100), "revert", /takes longer/],
  ["nobody reads it", measured(5, { scans: 0 }), "revert", /nothing has read/],
  [
    "nobody has said yet that it was read",
    measured(5, { scans: 0, secondsWatched: 10 }),
    "wait",
    /up to a minute/,
  ],
  ["too few calls", measured(5, { since: 10 }), "wait", /too few/],
  ["too few calls at the end", measured(5, { since: 10, windowIsOver: true }), "inconclusive", /too few/],
  [
    "the counters began anew",
    measured(5, { now: { a: calls(10, 5) }, windowIsOver: true }),
    "inconclusive",
    /too few/,
  ],
  ["the statement is forgotten", measured(5, { now: {} }), "wait", /too few/],
  [
    "counters that are none",
    measured(5, { now: { a: { calls: Number.NaN, total: 1, squares: 1 } } }),
    "wait",
    /too few/,
  ],
];

for (const [name, measurement, verdict, reason] of CASES) {
  Deno.test(`judgeIndex(): ${name}`, () => {
    const judged = judgeIndex(measurement);
    assert.equal(judged.verdict, verdict, judged.reason);
    assert.match(judged.reason, reason);
  });
}

Deno.test("judgeRemoval() brings an index back only for what became slower for sure", () => {
  assert.equal(judgeRemoval(measured(100)).verdict, "revert");
  assert.equal(judgeRemoval(measured(51)).verdict, "wait");
  assert.equal(judgeRemoval(measured(51, { windowIsOver: true })).verdict, "keep");
});
