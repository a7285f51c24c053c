/** No loss of data, no higher risk and no lower confidence ever brings a fix nearer to being applied alone. */

import assert from "node:assert/strict";
import {
  decideFix,
  type Decision,
  type DecisionContext,
  type DecisionInput,
  LADDER,
} from "../../supabase/functions/_shared/contextAnalysis.ts";
import { activityOf } from "../../supabase/functions/_shared/core/activity.ts";
import type { Risk, Tier } from "../../supabase/functions/_shared/core/fixes.ts";
import { assertProperty, fc } from "../helpers/property.ts";

/** Mostly one of the first kind: with a fact missing everywhere nothing would ever be applied, and nothing shown. */
function mostly<Value>(usual: fc.Arbitrary<Value>, ...rare: Value[]): fc.Arbitrary<Value> {
  return fc.oneof({ weight: 14, arbitrary: usual }, { weight: 1, arbitrary: fc.constantFrom(...rare) });
}

/** Evenly spread; fc.double prefers numbers that are next to nothing. */
const real = (max: number) => fc.integer({ min: 0, max: 1_000_000 }).map((part) => part / 1_000_000 * max);
const share = mostly(fc.oneof(real(1), fc.constantFrom(0.69, 0.7, 0.75, 0.9, 0.95, 1)), Number.NaN);
const seconds = mostly(fc.oneof(real(5_000_000), real(7_200)), 0, Number.NaN);
const count = mostly(fc.integer({ min: 0, max: 20_000 }), 1, Number.NaN);
const small = mostly(fc.integer({ min: 0, max: 12 }), Number.NaN);

const context: fc.Arbitrary<DecisionContext> = fc.record({
  severity: mostly(fc.constantFrom("low", "medium", "high", "critical"), null),
  errorType: mostly(fc.constant("missing_schema"), "not_null_violation", "corruption", ""),
  source: fc.constantFrom("edge_function", "migration"),
  activity: fc.constantFrom("payment", "signIn", "write", "read", "background", "migration", "unknown"),
  occurrences: fc.oneof(count, fc.integer({ min: 0, max: 3 })),
  secondsSinceFirst: seconds,
  secondsSinceLast: seconds,
  waitingOperations: fc.oneof(small, fc.constant(0)),
  project: fc.record({
    ageDays: mostly(real(400), Number.NaN),
    eventsLastHour: count,
    secondsSinceDeployment: mostly(fc.oneof(seconds, fc.constant(Number.POSITIVE_INFINITY)), Number.NaN),
    protectedAreas: mostly(fc.constantFrom<string[][]>([], ["auth"]), null, ["shop"]),
  }),
  budget: fc.record({ concluded: small, failed: mostly(fc.integer({ min: 0, max: 3 }), 12, Number.NaN) }),
  security: fc.record({ hold: mostly(fc.constant(false), true, null), reason: fc.constant("many") }),
  costs: fc.record({
    minuteCents: mostly(fc.constant(50), 0, Number.NaN),
    aiCallCents: mostly(fc.constant(5), 0, Number.NaN),
    handlingMinutes: mostly(fc.constantFrom(15, 60), 0, Number.NaN),
    failureMinutes: mostly(fc.constant(2), 0, Number.NaN),
    aiCalls: small,
    recovery: fc.record({ n: small, meanMinutes: seconds }),
    kinds: mostly(
      fc.oneof(
        fc.constant({}),
        fc.record({ act: fc.record({ n: small, failed: small, meanDurationMs: count }) }),
      ),
      null,
    ),
  }),
});

const input: fc.Arbitrary<DecisionInput & { context: DecisionContext }> = fc.record({
  proposal: fc.record({
    action: fc.constant({ kind: "act" }),
    tier: fc.constantFrom<Tier>("learned", "deterministic", "ai", "context", "person"),
    confidence: share,
    reason: fc.constant("because it is so"),
  }),
  risk: fc.constantFrom<Risk>("low", "medium", "high"),
  group: fc.constantFrom("payload", "call", "database", "runtime", "code", "deployment"),
  target: fc.constantFrom("schema:shop", "schema:auth", "retry"),
  dryRun: mostly<DecisionInput["dryRun"]>(
    fc.constant({ ok: true, measured: "yes" }),
    { ok: false, measured: "no" },
    null,
  ),
  isTriable: fc.boolean(),
  predicted: fc.oneof(fc.constant(null), real(1), share),
  context,
  refused: fc.constant([]),
});

/** Whether `after` is nearer to acting alone than `before`. Ignoring acts on nothing and asks nobody: it stands apart. */
function isBolder(before: Decision, after: Decision): boolean {
  if (after.decision === "auto") return before.decision !== "auto";
  if (before.decision === "ignore" || after.decision === "ignore") return false;
  return LADDER.indexOf(after.decision) < LADDER.indexOf(before.decision);
}

function assertNotBolder(before: DecisionInput, after: DecisionInput): void {
  const [one, other] = [decideFix(before), decideFix(after)];
  assert.ok(
    !isBolder(one, other),
    `${one.decision} (${one.reason}) became ${other.decision} (${other.reason})`,
  );
}

Deno.test("decideFix() never becomes bolder by a higher risk", () => {
  const RISKS: readonly Risk[] = ["low", "medium", "high"];
  assertProperty(
    fc.property(input, (situation) => {
      for (const risk of RISKS.slice(RISKS.indexOf(situation.risk) + 1)) {
        assertNotBolder(situation, { ...situation, risk });
      }
    }),
    { runs: 3_000 },
  );
});

Deno.test("decideFix() never becomes bolder by a lower confidence, or by a lower prediction", () => {
  assertProperty(
    fc.property(input, real(1), (situation, factor) => {
      const proposal = { ...situation.proposal!, confidence: situation.proposal!.confidence * factor };
      assertNotBolder(situation, { ...situation, proposal });
      const predicted = situation.predicted === null ? factor : situation.predicted * factor;
      assertNotBolder(situation, { ...situation, predicted });
    }),
    { runs: 3_000 },
  );
});

Deno.test("decideFix() never becomes bolder by the loss of any single fact", () => {
  assertProperty(
    fc.property(input, (situation) => {
      for (const lost of losses(situation)) assertNotBolder(situation, lost);
    }),
    { runs: 3_000 },
  );
});

Deno.test("decideFix() does nothing more for a model that is surer of itself than what models are worth", () => {
  assertProperty(
    fc.property(input, share, (situation, confidence) => {
      const of = (own: number) =>
        decideFix({ ...situation, proposal: { ...situation.proposal!, tier: "ai", confidence: own } })
          .decision;
      if (confidence >= 0.7) assert.equal(of(confidence), of(0.7));
    }),
    { runs: 1_000 },
  );
});

Deno.test("decideFix() is auto in some of these situations and not in most: the generator is worth its name", () => {
  const seen = new Map<string, number>();
  for (const one of fc.sample(input, { numRuns: 20_000, seed: 7 })) {
    const { decision } = decideFix(one);
    seen.set(decision, (seen.get(decision) ?? 0) + 1);
  }
  for (const decision of ["auto", "suggest", "options", "escalate", "ignore"]) {
    assert.ok((seen.get(decision) ?? 0) >= 50, `${decision}: ${seen.get(decision)}`);
  }
});

Deno.test("activityOf() is never talked out of a payment or a sign-in by what the error says", () => {
  const words = fc.constantFrom("read", "write", "background", "payment", "signIn", "nothing", null, 5, [
    "read",
  ]);
  assertProperty(fc.property(words, fc.string(), (doing, noise) => {
    const of = (functionName: string) => activityOf({ source: "edge_function", functionName, doing });
    assert.equal(of(`create-checkout-${noise}`), "payment");
    assert.equal(of("refresh-session"), doing === "payment" ? "payment" : "signIn");
  }));
});

/** Every way to lose one fact. */
function losses(from: DecisionInput & { context: DecisionContext }): DecisionInput[] {
  const lose = (changes: Partial<DecisionContext>) => ({ ...from, context: { ...from.context, ...changes } });
  const { project, budget, costs, security } = from.context;
  const numbers = ["occurrences", "secondsSinceFirst", "secondsSinceLast", "waitingOperations"] as const;
  const prices = ["minuteCents", "aiCallCents", "handlingMinutes", "failureMinutes", "aiCalls"] as const;
  const ages = ["ageDays", "eventsLastHour", "secondsSinceDeployment"] as const;
  return [
    { ...from, context: null },
    { ...from, predicted: from.predicted === null ? null : Number.NaN },
    lose({ severity: null }),
    lose({ errorType: "" }),
    lose({ activity: "unknown" }),
    ...numbers.map((name) => lose({ [name]: Number.NaN })),
    ...ages.map((name) => lose({ project: { ...project, [name]: Number.NaN } })),
    lose({ project: { ...project, protectedAreas: null } }),
    lose({ budget: { ...budget, concluded: Number.NaN } }),
    lose({ budget: { ...budget, failed: Number.NaN } }),
    lose({ security: { ...security, hold: null } }),
    ...prices.map((name) => lose({ costs: { ...costs, [name]: Number.NaN } })),
    lose({ costs: { ...costs, recovery: { ...costs.recovery, n: Number.NaN } } }),
    lose({ costs: { ...costs, kinds: null } }),
  ];
}
