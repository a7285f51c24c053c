import assert from "node:assert/strict";
import { type FixMeasurement, judgeFix } from "../../supabase/functions/_shared/contextAnalysis.ts";

/** Ten occurrences in ninety seconds, so one each ten seconds; watched for a minute, six were to be expected. */
function measured(changes: Partial<FixMeasurement> = {}): FixMeasurement {
  return {
    occurrencesBefore: 10,
    secondsBefore: 90,
    occurrencesSince: 0,
    secondsWatched: 60,
    windowIsOver: true,
    proof: null,
    ...changes,
  };
}

Deno.test("judgeFix() keeps what helped, takes back what did not, and says when it cannot know", () => {
  const verdict = (changes: Partial<FixMeasurement>) => judgeFix(measured(changes)).verdict;
  assert.equal(verdict({}), "keep");
  assert.equal(verdict({ windowIsOver: false }), "wait");
  assert.equal(verdict({ occurrencesSince: 5 }), "revert");
  assert.equal(verdict({ occurrencesSince: 1 }), "inconclusive");
  assert.equal(verdict({ occurrencesSince: 1, windowIsOver: false }), "wait");
  assert.equal(verdict({ secondsWatched: 20 }), "inconclusive");
  assert.equal(verdict({ occurrencesBefore: 1, secondsBefore: 0 }), "inconclusive");
  assert.equal(verdict({ occurrencesBefore: 1, secondsBefore: 0, proof: true }), "keep");
  assert.equal(verdict({ occurrencesBefore: 1, secondsBefore: 0, occurrencesSince: 1 }), "revert");
  assert.equal(verdict({ proof: true, occurrencesSince: 5 }), "inconclusive");
});

Deno.test("judgeFix() never keeps and never reverts on missing data", () => {
  for (
    const broken of [{ occurrencesSince: Number.NaN }, { secondsWatched: Number.NaN }, {
      secondsWatched: Number.POSITIVE_INFINITY,
    }]
  ) {
    assert.equal(judgeFix(measured(broken)).verdict, "wait");
  }
});

Deno.test("judgeFix() explains itself with figures", () => {
  const verdict = judgeFix(measured({ occurrencesSince: 5 }));
  assert.deepEqual(verdict, {
    verdict: "revert",
    reason: "the error came back 5 times",
    measured: 5,
    baseline: 6,
    n: 10,
    threshold: 0.5,
  });
});
