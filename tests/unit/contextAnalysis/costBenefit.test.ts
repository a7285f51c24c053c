/** What a fix saves and costs, against figures worked out by hand. */

import assert from "node:assert/strict";
import {
  type CostBenefit,
  decideFix,
  type DecisionContext,
  type DecisionInput,
} from "../../../supabase/functions/_shared/contextAnalysis.ts";
import { assertClose } from "../../helpers/exact.ts";
import { decisionInput, situation, sureProposal } from "../../helpers/situation.ts";

function weigh(changes: Partial<DecisionContext>, input: Partial<DecisionInput> = {}): CostBenefit {
  return decideFix(decisionInput({ ...input, context: situation(changes) })).evidence.costBenefit!;
}

/** One occurrence at this moment, nobody waits, a user loses two minutes, a person fifteen. */
const once = { occurrences: 1, secondsSinceFirst: 0, secondsSinceLast: 0, waitingOperations: 0 } as const;

Deno.test("decideFix() weighs a single occurrence as one a day", () => {
  // Saved .9 (15 + 2 x 2 x 1 x 15/1440), spent .1 x 10; at 50 cents a minute.
  const balance = weigh(once);
  assertClose(balance.expectedPerDay, 1, 1e-12);
  assertClose(balance.savedMinutes, 0.9 * (15 + 4 * 15 / 1_440), 1e-12);
  assertClose(balance.spentMinutes, 1, 1e-12);
  assertClose(balance.spentCents, 50, 1e-12);
  assert.equal(balance.verdict, "worth");
});

Deno.test("decideFix() counts on the rate when the error is not of this hour", () => {
  // Four times, first nine days ago: .4 a day, so that it comes back with 1 - e^-.4.
  const balance = weigh({ ...once, occurrences: 4, secondsSinceFirst: 777_600, secondsSinceLast: 7_200 });
  assertClose(balance.expectedPerDay, 0.4, 1e-12);
  assertClose(balance.savedMinutes, 0.9 * (15 * (1 - Math.exp(-0.4)) + 4 * 0.4 * 15 / 1_440), 1e-12);
});

Deno.test("decideFix() believes the worse of the proposer and of what is recorded of the kind", () => {
  const kinds = { create_extension: { n: 18, failed: 9, meanDurationMs: 120_000 } };
  const { costs } = situation();
  // (9 + 1) / (18 + 2) is worse than 1 - .9; the fix itself takes two minutes.
  const balance = weigh({ ...once, costs: { ...costs, kinds } });
  assertClose(balance.falseFixShare, 0.5, 1e-12);
  assertClose(balance.spentMinutes, 0.5 * 10 + 2, 1e-12);
  const call = weigh({ ...once, costs: { ...costs, kinds } }, { group: "call" });
  assertClose(call.falseFixShare, 0.1, 1e-12);
});

Deno.test("decideFix() takes recorded recovery times for the setting from three cases on", () => {
  const { costs } = situation();
  const failures = (n: number) =>
    weigh({ ...once, costs: { ...costs, recovery: { n, meanMinutes: 1_440 } } });
  assertClose(failures(2).savedMinutes, 0.9 * (15 + 4 * 15 / 1_440), 1e-12);
  assertClose(failures(3).savedMinutes, 0.9 * (15 + 4), 1e-12);
});

Deno.test("decideFix() lets calls of a model and a false fix of high risk veto", () => {
  const { costs } = situation();
  const spent = weigh({ ...once, costs: { ...costs, aiCalls: 200 } });
  assertClose(spent.spentCents, 50 + 200 * 5, 1e-12);
  assert.equal(spent.verdict, "veto");
  // .1 x 480 minutes against .9 x 15.
  assert.equal(weigh(once, { risk: "high" }).verdict, "veto");
  assert.equal(weigh(once, { risk: "low", proposal: sureProposal({ confidence: 0.5 }) }).verdict, "worth");
});

Deno.test("decideFix() says inconclusive, and never worth, of figures that are missing", () => {
  const { costs } = situation();
  const missing: Partial<DecisionContext>[] = [
    { occurrences: Number.NaN },
    { waitingOperations: Number.NaN },
    { severity: null },
    { costs: { ...costs, handlingMinutes: Number.NaN } },
    { costs: { ...costs, failureMinutes: -1_000 } },
    { costs: { ...costs, aiCalls: Number.POSITIVE_INFINITY } },
    { costs: { ...costs, kinds: { create_extension: { n: 9, failed: Number.NaN, meanDurationMs: 0 } } } },
  ];
  for (const changes of missing) {
    const balance = weigh({ ...once, ...changes });
    assert.equal(balance.verdict, "inconclusive", JSON.stringify(changes));
  }
});
