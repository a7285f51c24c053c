import assert from "node:assert/strict";
import { questionOf } from "../../supabase/functions/_shared/healingEngine/facts.ts";

Deno.test("questionOf() names what an ambiguous embedding may mean, as the interface says it, and picks none", () => {
  const decision = { reason: "only its author knows", question: "Which one is meant?" } as Parameters<
    typeof questionOf
  >[0];
  const hint = "Try changing 'addresses' to one of the following: 'addresses!billing', 'addresses!shipping'.";
  assert.equal(
    questionOf(decision, { hint }),
    "only its author knows. Which one is meant? It is one of: addresses!billing, addresses!shipping",
  );
  for (const context of [null, {}, { hint: 5 }, { hint: "something else 'x'" }, []]) {
    assert.equal(questionOf(decision, context as never), "only its author knows. Which one is meant?");
  }
});
