/** What is decided in which situation: a table, one row a situation, each a sentence. */

import assert from "node:assert/strict";
import {
  decideFix,
  type Decision,
  type DecisionContext,
  type DecisionInput,
} from "../../../supabase/functions/_shared/contextAnalysis.ts";
import { decisionInput, situation, sureProposal } from "../../helpers/situation.ts";

type Case = readonly [what: string, expected: Decision["decision"], input: DecisionInput];

const NO_TRIAL = { dryRun: null, isTriable: false } as const;
const learned = (confidence = 0.9) => sureProposal({ tier: "learned", confidence });
const model = (confidence: number) => sureProposal({ tier: "ai", confidence });
const within = (changes: Partial<DecisionContext>, input: Partial<DecisionInput> = {}) =>
  decisionInput({ ...input, context: situation(changes) });
const project = (changes: Partial<DecisionContext["project"]>, input: Partial<DecisionInput> = {}) =>
  within({ project: { ...situation().project, ...changes } }, input);
const costs = (changes: Partial<DecisionContext["costs"]>, input: Partial<DecisionInput> = {}) =>
  within({ costs: { ...situation().costs, ...changes } }, input);
const medium = { risk: "medium", proposal: learned() } as const;
const code = { group: "code" } as const;
const retry = { group: "call", ...NO_TRIAL } as const;
const payload = { group: "payload", ...NO_TRIAL } as const;
/** One occurrence of little weight, long ago. */
const stale = {
  severity: "low",
  occurrences: 1,
  secondsSinceFirst: 2_000_000,
  secondsSinceLast: 2_000_000,
  waitingOperations: 0,
} as const;
const kinds = (n: number, failed: number) => ({ create_extension: { n, failed, meanDurationMs: 40 } });

const CASES: readonly Case[] = [
  ["a sure rule of low risk that was tried", "auto", decisionInput()],
  ["a call that is made again, which cannot be tried", "auto", decisionInput(retry)],
  ["a failed dry run", "escalate", decisionInput({ dryRun: { ok: false, measured: "no" } })],
  ["a dry run that was not made", "escalate", decisionInput({ dryRun: null })],
  ["confidence just enough", "auto", decisionInput({ proposal: sureProposal({ confidence: 0.7 }) })],
  ["confidence just too little", "options", decisionInput({ proposal: sureProposal({ confidence: 0.699 }) })],
  ["no confidence", "options", decisionInput({ proposal: sureProposal({ confidence: 0 }) })],
  [
    "confidence that is no number",
    "options",
    decisionInput({ proposal: sureProposal({ confidence: Number.NaN }) }),
  ],
  ["confidence above one", "options", decisionInput({ proposal: sureProposal({ confidence: 1.5 }) })],
  ["negative confidence", "options", decisionInput({ proposal: sureProposal({ confidence: -1 }) })],
  ["medium risk by a rule", "suggest", decisionInput({ risk: "medium" })],
  ["medium risk by a learned pattern", "auto", decisionInput(medium)],
  [
    "medium risk by context",
    "suggest",
    decisionInput({ risk: "medium", proposal: sureProposal({ tier: "context" }) }),
  ],
  [
    "medium risk by a person's proposal",
    "suggest",
    decisionInput({ risk: "medium", proposal: sureProposal({ tier: "person" }) }),
  ],
  ["high risk by a rule", "suggest", decisionInput({ risk: "high" })],
  [
    "high risk by a learned pattern that is certain",
    "suggest",
    decisionInput({ risk: "high", proposal: learned(1) }),
  ],
  ["high risk and little confidence", "options", decisionInput({ risk: "high", proposal: learned(0.6) })],
  ["a model that is certain, low risk, tried", "auto", decisionInput({ proposal: model(1) })],
  ["a model that is just sure enough", "auto", decisionInput({ proposal: model(0.7) })],
  ["a model that is unsure", "options", decisionInput({ proposal: model(0.6) })],
  ["a model with medium risk", "suggest", decisionInput({ risk: "medium", proposal: model(1) })],
  ["a model without a dry run", "suggest", decisionInput({ ...NO_TRIAL, proposal: model(1) })],
  ["a model that says nothing of its confidence", "options", decisionInput({ proposal: model(Number.NaN) })],
  ["a pattern whose family works", "auto", decisionInput({ proposal: learned(), predicted: 0.9 })],
  ["a pattern whose family fails", "options", decisionInput({ proposal: learned(), predicted: 0.4 })],
  [
    "a prediction that is no number",
    "options",
    decisionInput({ proposal: learned(), predicted: Number.NaN }),
  ],
  [
    "a family that works does not lift a weak pattern",
    "options",
    decisionInput({ proposal: learned(0.6), predicted: 1 }),
  ],
  ["a protected area", "suggest", decisionInput({ target: "schema:auth" })],
  ["a table of a protected area", "suggest", decisionInput({ target: "table:billing.invoices" })],
  ["protected areas that are not known", "suggest", project({ protectedAreas: null })],
  ["no protected area at all", "auto", project({ protectedAreas: [] })],
  ["the payload of a payment", "suggest", within({ activity: "payment" }, payload)],
  ["the payload of a sign-in", "suggest", within({ activity: "signIn" }, payload)],
  ["a payload of nobody knows what", "suggest", within({ activity: "unknown" }, payload)],
  ["the payload of a plain write", "auto", within({ activity: "write" }, payload)],
  ["an extension that a payment lacks", "auto", within({ activity: "payment" })],
  ["a call of a payment, made again under its key", "auto", within({ activity: "payment" }, retry)],
  ["a burst of refusals", "escalate", within({ security: { hold: true, reason: "many" } })],
  [
    "a burst of refusals, and a call",
    "escalate",
    within({ security: { hold: true, reason: "many" } }, retry),
  ],
  ["security that is not known", "escalate", within({ security: { hold: null, reason: "?" } })],
  ["a corrupt index", "escalate", within({ errorType: "corruption" })],
  ["a limit of the platform", "escalate", within({ errorType: "platform_limit" }, retry)],
  ["content that a provider refused", "escalate", within({ errorType: "content_refused" }, retry)],
  ["an error of no type", "escalate", within({ errorType: "" })],
  ["a situation that could not be read", "escalate", decisionInput({ context: null })],
  [
    "medium risk, begun ten minutes after a deployment",
    "suggest",
    project({ secondsSinceDeployment: 4_200 }, medium),
  ],
  [
    "medium risk, begun an hour after a deployment",
    "auto",
    project({ secondsSinceDeployment: 7_300 }, medium),
  ],
  ["medium risk, begun before the deployment", "auto", project({ secondsSinceDeployment: 600 }, medium)],
  ["medium risk, deployments not known", "suggest", project({ secondsSinceDeployment: Number.NaN }, medium)],
  ["low risk, begun right after a deployment", "auto", project({ secondsSinceDeployment: 4_200 })],
  ["code in a project with history", "auto", decisionInput(code)],
  ["code in a project of an hour", "suggest", project({ ageDays: 0.04 }, code)],
  ["code in a project of unknown age", "suggest", project({ ageDays: Number.NaN }, code)],
  ["a schema in a project of an hour", "auto", project({ ageDays: 0.04 }, medium)],
  ["medium risk in a very busy hour", "suggest", project({ eventsLastHour: 10_000 }, medium)],
  ["low risk in a very busy hour", "auto", project({ eventsLastHour: 10_000 })],
  ["medium risk, traffic not known", "suggest", project({ eventsLastHour: Number.NaN }, medium)],
  ["six of ten fixes failed today", "suggest", within({ budget: { concluded: 10, failed: 6 } })],
  ["half of ten fixes failed today", "auto", within({ budget: { concluded: 10, failed: 5 } })],
  ["all of four fixes failed today: too few to say", "auto", within({ budget: { concluded: 4, failed: 4 } })],
  [
    "a spent error budget does not stop calls",
    "auto",
    within({ budget: { concluded: 10, failed: 9 } }, retry),
  ],
  ["an error budget that is not known", "suggest", within({ budget: { concluded: Number.NaN, failed: 0 } })],
  ["a kind that mostly failed here", "suggest", costs({ kinds: kinds(20, 18) })],
  ["a kind that mostly worked here", "auto", costs({ kinds: kinds(20, 1) })],
  ["more calls of a model than the fix can save", "suggest", costs({ aiCalls: 1_000 })],
  ["a price that is not known", "suggest", costs({ minuteCents: Number.NaN })],
  ["outcomes that are not known", "suggest", costs({ kinds: null })],
  ["recovery times that are not known", "suggest", costs({ recovery: { n: Number.NaN, meanMinutes: 1 } })],
  ["a severity that is not known", "suggest", within({ severity: null })],
  ["a count that is not known", "suggest", within({ occurrences: Number.NaN })],
  ["a beginning that is not known", "suggest", within({ secondsSinceFirst: Number.NaN })],
  ["a last time that is not known", "suggest", within({ secondsSinceLast: Number.NaN })],
  ["a clock that went back", "suggest", within({ secondsSinceFirst: -5 })],
  ["little harm, long ago, nobody waits", "ignore", within(stale)],
  ["little harm, long ago, but somebody waits", "auto", within({ ...stale, waitingOperations: 1 })],
  ["great harm, long ago", "suggest", within({ ...stale, severity: "critical" })],
  ["little harm in a payment, long ago", "suggest", within({ ...stale, activity: "payment" })],
  ["a migration whose author waits, seen long ago", "auto", within({ ...stale, source: "migration" })],
  ["little harm, long ago, often", "auto", within({ ...stale, occurrences: 500 })],
  ["nothing stands", "escalate", decisionInput({ proposal: null })],
  [
    "nothing stands, and a value is missing",
    "clarify",
    within({ errorType: "not_null_violation" }, { proposal: null }),
  ],
  [
    "nothing stands, and a name is ambiguous",
    "clarify",
    within({ errorType: "ambiguous_reference" }, { proposal: null }),
  ],
  [
    "nothing stands, and nobody can be asked",
    "escalate",
    within({ errorType: "not_null_violation", activity: "background" }, { proposal: null }),
  ],
  [
    "nothing stands, during a burst of refusals",
    "escalate",
    within({ errorType: "not_null_violation", security: { hold: true, reason: "many" } }, { proposal: null }),
  ],
  ["nothing stands, and nobody would miss it", "ignore", within(stale, { proposal: null })],
];

for (const [what, expected, input] of CASES) {
  Deno.test(`decideFix() says ${expected}: ${what}`, () => {
    const decision = decideFix(input);
    assert.equal(decision.decision, expected, decision.reason);
    assert.ok(decision.reason.length > 10, "it says why");
    assert.equal(decision.question === undefined, expected !== "clarify");
  });
}

Deno.test("decideFix() is decided about in more than sixty situations, and in each way", () => {
  assert.ok(CASES.length >= 60, String(CASES.length));
  assert.equal(new Set(CASES.map(([what]) => what)).size, CASES.length);
  assert.deepEqual(
    [...new Set(CASES.map(([, expected]) => expected))].sort(),
    ["auto", "clarify", "escalate", "ignore", "options", "suggest"],
  );
});

Deno.test("decideFix() hands on what was refused, and names every gate that held the fix back, the strictest first", () => {
  const refused = [{ action: { kind: "retry" }, reason: "nothing waits" }];
  const decision = decideFix(decisionInput({
    risk: "high",
    proposal: sureProposal({ confidence: 0.5 }),
    target: "schema:auth",
    refused,
  }));
  assert.deepEqual(decision.refused, refused);
  assert.deepEqual(decision.evidence.gates.map(({ gate }) => gate), [
    "confidence",
    "risk",
    "protected",
    "cost",
  ]);
  assert.equal(decision.evidence.confidence, 0.5);
});
