import assert from "node:assert/strict";
import {
  confirmedBy,
  countVerdicts,
  judgeAll,
  judgeCase,
  type MappingCase,
  readCases,
} from "../../scripts/lib/mappingCases.ts";
import {
  type HealedPayload,
  healPayload,
} from "../../supabase/functions/_shared/deterministicFixPatterns.ts";
import { tableOf } from "../helpers/payloads.ts";

const LABELLED: MappingCase = {
  ...tableOf(["posts", "title text!; body text; note text"]),
  id: "X-1",
  category: "synonym",
  payload: { title: "t", text: "b", extra: 1 },
  decision: "partial",
  expected: { title: "t", body: "b" },
  unmapped: ["extra"],
  must_not: ["extra→note", "note=1"],
  needs_learning: false,
  why: "text is the body",
};

function answer(changes: Partial<HealedPayload>): HealedPayload {
  const applied = [{
    rule: "r",
    action: "rename_column" as const,
    from: "text",
    to: "body",
    confidence: 0.9,
  }];
  const right = {
    decision: "partial" as const,
    row: { body: "b", title: "t" },
    applied,
    unmapped: ["extra"],
  };
  return { ...right, problems: [], reason: "", ...changes };
}

Deno.test("judgeCase() calls an answer right only with decision, row and unmapped keys as labelled", () => {
  assert.equal(judgeCase(LABELLED, answer({})), "right");
  assert.equal(judgeCase(LABELLED, answer({ decision: "map" })), "refused");
  assert.equal(judgeCase(LABELLED, answer({ unmapped: [] })), "refused");
  assert.equal(judgeCase(LABELLED, answer({ row: { title: "t" } })), "refused");
  assert.equal(judgeCase(LABELLED, answer({ decision: "refuse", row: LABELLED.payload })), "refused");
});

Deno.test("judgeCase() calls harmful whatever stores what the label does not", () => {
  assert.equal(judgeCase(LABELLED, answer({ row: { title: "t", body: "b", note: "1" } })), "harmful");
  assert.equal(judgeCase(LABELLED, answer({ row: { title: "t", body: "B" } })), "harmful");
  const moved = { rule: "r", action: "rename_column" as const, from: "extra", to: "note", confidence: 0.9 };
  assert.equal(judgeCase(LABELLED, answer({ applied: [moved] })), "harmful");
  const refusal: MappingCase = { ...LABELLED, decision: "refuse", expected: null, unmapped: [] };
  assert.equal(judgeCase(refusal, answer({})), "harmful");
  assert.equal(judgeCase(refusal, answer({ decision: "refuse" })), "right");
});

Deno.test("confirmedBy() confirms the mappings of the label and no other", () => {
  assert.deepEqual(confirmedBy(LABELLED).map(({ key, column }) => `${key} ${column}`), [
    "title title",
    "text body",
  ]);
  const refusal: MappingCase = { ...LABELLED, decision: "refuse", expected: null };
  assert.deepEqual(confirmedBy(refusal), []);
});

for (const name of ["development", "holdout"]) {
  Deno.test(`healPayload() is right on nine in ten of the ${name} cases and harmful on none`, async () => {
    const cases = await readCases(new URL(`../corpus/mappings/${name}.jsonl`, import.meta.url));
    assert.ok(cases.length >= 120);
    const automatic = countVerdicts(judgeAll(cases, "automatic"));
    assert.ok(automatic.right >= 0.9 * automatic.total && automatic.harmful === 0, JSON.stringify(automatic));
    const learned = countVerdicts(judgeAll(cases, "learned"));
    assert.ok(learned.right >= 0.97 * learned.total && learned.harmful === 0, JSON.stringify(learned));
  });
}

Deno.test("healPayload() maps nothing that is forbidden for rights, money, units and opposites, even confirmed", async () => {
  const protectedKinds = ["sensitive", "money", "unit", "antonym"];
  for (const name of ["development", "holdout"]) {
    const cases = await readCases(new URL(`../corpus/mappings/${name}.jsonl`, import.meta.url));
    for (const one of cases.filter(({ category }) => protectedKinds.includes(category))) {
      for (const [key, column] of one.must_not.map((pair) => pair.split("→"))) {
        const learned = [{ table: one.table, key: key!, column: column ?? "", confirmations: 1_000 }];
        const { applied } = healPayload(one, one.payload, { learned });
        assert.ok(
          applied.every(({ from, to }) => from !== key || to !== column),
          `${one.id}: ${key} to ${column}`,
        );
      }
    }
  }
});
