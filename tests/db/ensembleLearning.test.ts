/** Votes about fixes against real SQL: what they are worth is measured, and what they come to is the method's. */

import assert from "node:assert/strict";
import {
  ensembleDecision,
  type EnsembleFix,
  recordEnsembleTruth,
} from "../../supabase/functions/_shared/ensembleLearning.ts";
import type { RpcPort } from "../../supabase/functions/_shared/healingDb.ts";
import { combineWeighted, meanPairwiseCorrelation } from "../../supabase/functions/_shared/statistics.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { assertClose } from "../helpers/exact.ts";

function schema(name: string) {
  return { kind: "create_schema", schema: name };
}

/** Lets voters vote on cases whose truth is known at once; each row says for one voter in which cases it was right. */
async function teach(rpc: RpcPort, records: Record<string, readonly boolean[]>, from = 0): Promise<void> {
  const voters = Object.keys(records);
  for (let number = 0; number < records[voters[0]!]!.length; number++) {
    const action = schema(`case_${from + number}`);
    const votes = voters.map((voter) => ({ voter, action, answer: records[voter]![number]! }));
    const unit = `taught-${from + number}`;
    const { id, ranking } = await ensembleDecision(rpc, [{ voter: "proposer", action }], { unit, votes });
    await recordEnsembleTruth(rpc, id, ranking[0]!.key, true);
  }
}

/** Eighteen cases in which a voter is wrong in the given ones: (right + 1) / 20 is its accuracy. */
function wrongIn(...cases: number[]): boolean[] {
  return Array.from({ length: 18 }, (_, number) => !cases.includes(number));
}

function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}

/** Votes of taught voters on one fix. */
async function probabilityOf(
  records: Record<string, readonly boolean[]>,
  answers: Record<string, boolean>,
): Promise<number> {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await teach(contract.rpc, records);
  const action = schema("shop");
  const { ranking } = await ensembleDecision(contract.rpc, [{ voter: "somebody", action }], {
    unit: "asked",
    votes: [
      { voter: "somebody", action, answer: null },
      ...Object.entries(answers).map(([voter, answer]) => ({ voter, action, answer })),
    ],
  });
  return ranking[0]!.confidence;
}

Deno.test("ensembleDecision() meets the method's figures with accuracies that were measured", async () => {
  // Nobody is wrong together with another: the correlation is negative, and counts as none.
  const mixed = { v8: wrongIn(...range(0, 3)), v7: wrongIn(...range(3, 5)), v6: wrongIn(...range(8, 7)) };
  assertClose(await probabilityOf(mixed, { v8: true, v7: true, v6: false }), 0.861538462, 1e-9);
  const sharp = { v9: wrongIn(0), v7: wrongIn(...range(1, 5)), w7: wrongIn(...range(6, 5)) };
  assertClose(await probabilityOf(sharp, { v9: true, v7: false, w7: false }), 0.623076923, 1e-9);
  const alike = { x: wrongIn(...range(0, 4)), y: wrongIn(...range(4, 4)), z: wrongIn(...range(8, 4)) };
  assertClose(await probabilityOf(alike, { x: true, y: true, z: true }), 0.964285714, 1e-9);
  const many = {
    sure: wrongIn(),
    p: wrongIn(...range(0, 7)),
    q: wrongIn(...range(7, 7)),
    r: wrongIn(14, 15, 16, 17, 0, 1, 2),
    s: wrongIn(3, 4, 5, 6, 7, 8, 9),
  };
  assertClose(
    await probabilityOf(many, { sure: true, p: false, q: false, r: false, s: false }),
    0.78961039,
    1e-8,
  );
  const even = { p: wrongIn(...range(0, 7)), q: wrongIn(...range(7, 7)) };
  assertClose(await probabilityOf(even, { p: true, q: false }), 0.5, 1e-12);
});

Deno.test("ensembleDecision() divides by how much the voters repeat one another, as it was measured", async () => {
  const records = {
    x: wrongIn(0, 1, 2, 3),
    y: wrongIn(0, 1, 2, 4),
    z: wrongIn(0, 1, 3, 5),
  };
  const correlation = meanPairwiseCorrelation(Object.values(records))!;
  assert.ok(correlation > 0.4 && correlation < 0.7);
  const votes = Object.keys(records).map((voter) => ({ voter, accuracy: 0.75, answer: true }));
  const expected = combineWeighted(votes, { correlation }).probability;
  assertClose(await probabilityOf(records, { x: true, y: true, z: true }), expected, 1e-12);
  // Two that were never seen together count as one.
  const apart = { x: wrongIn(0, 1, 2, 3) };
  const alone = combineWeighted([votes[0]!]).probability;
  assertClose(await probabilityOf(apart, { x: true }), alone, 1e-12);
});

Deno.test("ensembleDecision() decides for the fix of those who have been right, and stores every vote", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  await teach(rpc, { rules: wrongIn(0), history: wrongIn(1, 2), model: wrongIn(...range(3, 9)) });
  const [fixA, fixB, fixC]: EnsembleFix[] = [
    { voter: "rules", action: schema("shop") },
    { voter: "history", action: schema("shop") },
    { voter: "model", action: { kind: "retry" } },
  ];
  const data = { unit: "error-1" };
  const decision = await ensembleDecision(rpc, [fixA!, fixB!, fixC!], data, {
    strategy: "weighted",
    minConfidence: 0.7,
  });
  assert.equal(decision.kind, "decided");
  assert.deepEqual(decision.kind === "decided" && decision.chosen.action, schema("shop"));
  assert.deepEqual(decision.ranking.map(({ verdict }) => verdict), ["for", "against"]);
  const votes = await database.query(
    "select voter, answer, is_right from ensemble_votes where decision_id = $1 and candidate_key like 'retry:%' order by voter",
    [decision.id],
  );
  assert.deepEqual(votes, [
    { voter: "history", answer: false, is_right: null },
    { voter: "model", answer: true, is_right: null },
    { voter: "rules", answer: false, is_right: null },
  ]);
});

Deno.test("ensembleDecision() believes nobody who was never judged: the votes balance", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const fixes = ["x", "y", "z"].map((voter) => ({ voter, action: schema("shop") }));
  const decision = await ensembleDecision(contract.rpc, fixes, { unit: "error-1" });
  assert.deepEqual([decision.kind, decision.reason], ["undecided", "the votes balance"]);
});

Deno.test("ensembleDecision() by majority and by unanimity asks for what the method asks for", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const vote = async (
    strategy: "majority" | "unanimous",
    answers: (boolean | null)[],
    minConfidence = 0.5,
  ) => {
    const action = schema("shop");
    const votes = answers.map((answer, index) => ({ voter: `v${index}`, action, answer }));
    const fixes = [{ voter: "v0", action }];
    const unit = crypto.randomUUID();
    return (await ensembleDecision(contract.rpc, fixes, { unit, votes }, { strategy, minConfidence })).kind;
  };
  assert.equal(await vote("majority", [true, true, false]), "decided");
  assert.equal(await vote("majority", [true, true, false], 0.7), "undecided", "two of three are below 0.7");
  assert.equal(await vote("majority", [true, false]), "undecided", "half is not more than half");
  assert.equal(await vote("majority", [true, null, null]), "decided", "of the votes cast");
  assert.equal(await vote("majority", [null, null]), "undecided");
  assert.equal(await vote("unanimous", [true, true, null]), "decided");
  assert.equal(await vote("unanimous", [true, null]), "undecided", "one vote is no agreement");
  assert.equal(await vote("unanimous", [true, true, false]), "undecided");
  assert.equal(await vote("unanimous", [false, false]), "undecided", "all agree that it is wrong");
});

Deno.test("ensembleDecision() ranks a tie by pattern score, risk, incumbent and id, and decides nothing", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const rank = async (fixes: EnsembleFix[]) => {
    const decision = await ensembleDecision(contract.rpc, fixes, { unit: crypto.randomUUID() });
    assert.equal(decision.kind, "undecided");
    return decision.ranking.map(({ action }) => action.schema ?? action.kind);
  };
  const [shop, retry] = [schema("shop"), { kind: "retry" }];
  assert.deepEqual(
    await rank([{ voter: "x", action: retry }, { voter: "y", action: shop, patternScore: 0.6 }]),
    ["shop", "retry"],
    "the better pattern",
  );
  assert.deepEqual(
    await rank([{ voter: "x", action: shop }, { voter: "y", action: retry }]),
    ["retry", "shop"],
    "the lower risk",
  );
  assert.deepEqual(
    await rank([{ voter: "x", action: schema("b") }, { voter: "y", action: schema("c"), isIncumbent: true }]),
    ["c", "b"],
    "the incumbent",
  );
  const names = ["d", "e", "f"].map((name) => ({ voter: name, action: schema(name) }));
  assert.deepEqual(await rank(names), await rank(names.toReversed()), "the id");
});

Deno.test("ensembleDecision() leaves out what is no fix, and its voter abstains", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const hostile = { kind: "run_sql", sql: "'; drop table ensemble_votes; --" };
  const fixes = [{ voter: "model", action: hostile }, { voter: "rules", action: schema("shop") }];
  const decision = await ensembleDecision(contract.rpc, fixes, { unit: "error-1" });
  assert.deepEqual(decision.refused.map(({ voter }) => voter), ["model"]);
  assert.deepEqual(decision.ranking.map(({ votesFor, abstained }) => [votesFor, abstained]), [[1, 1]]);
  const nothing = await ensembleDecision(contract.rpc, [fixes[0]!], { unit: "error-2" });
  assert.deepEqual([nothing.kind, nothing.ranking], ["undecided", []]);
});

Deno.test("recordEnsembleTruth() counts a case once, takes no second truth, and none for what was not voted on", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  const fixes = [{ voter: "x", action: schema("shop") }, { voter: "y", action: { kind: "retry" } }];
  const { id, ranking } = await ensembleDecision(rpc, fixes, { unit: "error-1" });
  const key = ranking.find(({ action }) => action.kind === "create_schema")!.key;
  const recorded = await Promise.all([1, 2, 3, 4].map(async () => {
    await using own = await openContract(database);
    return (await recordEnsembleTruth(own.rpc, id, key, true)).recorded;
  }));
  assert.equal(recorded.filter(Boolean).length, 1);
  const counts = () =>
    database.query("select voter, right_count::int, wrong_count::int from ensemble_voters order by voter");
  const expected = [{ voter: "x", right_count: 1, wrong_count: 0 }, {
    voter: "y",
    right_count: 0,
    wrong_count: 1,
  }];
  assert.deepEqual(await counts(), expected);
  await assert.rejects(recordEnsembleTruth(rpc, id, key, false), { code: "CONFLICT" });
  await assert.rejects(recordEnsembleTruth(rpc, id, "retry:unknown", true), { code: "NOT_FOUND" });
  await assert.rejects(recordEnsembleTruth(rpc, crypto.randomUUID(), key, true), { code: "NOT_FOUND" });
  await assert.rejects(recordEnsembleTruth(rpc, id, key, null as never), { code: "BAD_REQUEST" });
  // The same case voted on again keeps what is known of it, and replaces the rest.
  await ensembleDecision(rpc, [{ voter: "y", action: schema("shop") }, {
    voter: "x",
    action: { kind: "retry" },
  }], {
    unit: "error-1",
  });
  assert.equal((await recordEnsembleTruth(rpc, id, key, true)).recorded, false);
  assert.deepEqual(await counts(), expected);
});

Deno.test("ensembleDecision() refuses options and data that make no sense", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const fixes = [{ voter: "x", action: schema("shop") }];
  const ask = (unit: string, options: Parameters<typeof ensembleDecision>[3], more: EnsembleFix[] = []) =>
    ensembleDecision(contract.rpc, [...fixes, ...more], { unit }, options);
  await assert.rejects(ask("u", { minConfidence: 1.1 }), RangeError);
  await assert.rejects(ask("u", { minConfidence: Number.NaN }), RangeError);
  await assert.rejects(ask("u", { strategy: "loudest" as never }), RangeError);
  await assert.rejects(ask("", {}), { code: "BAD_REQUEST" });
  await assert.rejects(ask("u", {}, [{ voter: "y", action: schema("b"), patternScore: 2 }]), RangeError);
  assert.deepEqual(await database.query("select from ensemble_decisions"), []);
});
