import assert from "node:assert/strict";
import { getAiBudget, reserveAiCall, settleAiCall } from "../../supabase/functions/_shared/healingDb.ts";
import { openContract, setSetting } from "../helpers/contract.ts";
import { connections, limits, reservation, settlement } from "../helpers/aiLedger.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";

/** What the day says, and what its calls add up to. */
async function ledger(database: TestDatabase) {
  const [day] = await database.query(
    "select committed_tokens::text as tokens, committed_usd::text as usd from healing_private.ai_budget_days",
  );
  const [sum] = await database.query(
    `select coalesce(sum(prompt_tokens + completion_tokens), 0)::text as tokens, coalesce(sum(usd), 0)::text as usd
     from healing_private.ai_calls`,
  );
  return { day: day!, sum: sum! };
}

Deno.test("reserve_ai_call() of 50 callers at once never exceeds the day and fills it exactly", async () => {
  await using database = await createTestDatabase();
  await using fleet = await connections(database, 50);
  await limits(fleet.rpcs[0]!, 30_000, 1_000);
  const answers = await Promise.all(fleet.rpcs.map((rpc) => reserveAiCall(rpc, reservation())));
  assert.equal(answers.filter(({ decision }) => decision === "reserved").length, 30);
  const refused = answers.find((answer) => answer.decision === "refused")!;
  assert.deepEqual(
    [refused.decision, "about" in refused && refused.about, "limit" in refused && refused.limit],
    ["refused", "tokens", "30000"],
  );
  const { day, sum } = await ledger(database);
  assert.equal(day.tokens, "30000");
  assert.deepEqual({ tokens: day.tokens, usd: Number(day.usd) }, {
    tokens: sum.tokens,
    usd: Number(sum.usd),
  });
  assert.equal((await getAiBudget(fleet.rpcs[0]!)).refused, 20);
  const notices = await database.query("select title, occurrence_count from notifications");
  assert.deepEqual(notices, [{ title: "The AI budget of the day is used up", occurrence_count: 20 }]);
});

Deno.test("reserve_ai_call() and settle_ai_call() of 50 callers in a storm stay exact to the last digit", async () => {
  await using database = await createTestDatabase();
  await using fleet = await connections(database, 50);
  await limits(fleet.rpcs[0]!, 40_000, 1);
  let most = 0;
  const work = fleet.rpcs.map(async (rpc, caller) => {
    for (let round = 0; round < 6; round++) {
      const call = reservation();
      if ((await reserveAiCall(rpc, call)).decision === "refused") continue;
      // Every seventh isolate dies between the two: its reservation stays counted.
      if ((caller + round) % 7 === 0) continue;
      const used = { prompt_tokens: 100 + caller, completion_tokens: round };
      assert.equal(await settleAiCall(rpc, settlement(call, used)), true);
      assert.equal(await settleAiCall(rpc, settlement(call, { prompt_tokens: 9e8 })), false, "once");
      most = Math.max(most, (await getAiBudget(rpc)).committed_tokens);
    }
  });
  await Promise.all(work);
  const { day, sum } = await ledger(database);
  assert.deepEqual(day, sum);
  assert.ok(most <= 40_000 && Number(day.tokens) <= 40_000, `${most} of 40000`);
  const [exact] = await database.query(
    `select (sum(prompt_tokens) * 0.15 + sum(completion_tokens) * 0.6) / 1000000 = sum(usd) as holds from healing_private.ai_calls`,
  );
  assert.equal(exact!.holds, true);
});

Deno.test("reserve_ai_call() keeps to the dollars as exactly as to the tokens", async () => {
  await using database = await createTestDatabase();
  await using fleet = await connections(database, 20);
  await limits(fleet.rpcs[0]!, 10_000_000, 1);
  // 0.1 dollars each: a float would have let nine or eleven through.
  await setSetting(fleet.rpcs[0]!, "ai_model_prices", { "test-model": { input: 100, output: 100 } });
  const answers = await Promise.all(fleet.rpcs.map((rpc) => reserveAiCall(rpc, reservation())));
  assert.equal(answers.filter(({ decision }) => decision === "reserved").length, 10);
  const refused = answers.find((answer) => answer.decision === "refused")!;
  assert.ok(refused.decision === "refused" && refused.about === "usd" && refused.resets_in_ms <= 86_400_000);
  assert.equal(Number((await ledger(database)).day.usd), 1);
});

Deno.test("reserve_ai_call() takes an unknown model for a dear one, and a free one only on a person's word", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  const price = async (model: string) => {
    const answer = await reserveAiCall(rpc, reservation({ model }));
    return answer.decision === "reserved" ? answer.price : answer;
  };
  assert.deepEqual(await price("never heard of"), { input: "10", output: "40" });
  await setSetting(rpc, "ai_model_prices", {
    local: { input: 0, output: 0 },
    cheap: { input: 0.15, output: 0.6 },
  });
  assert.deepEqual(await price("local"), { input: "0", output: "0" });
  assert.deepEqual(await price("cheap"), { input: "0.15", output: "0.6" });
  for (
    const wrong of [{ m: { input: -1, output: 1 } }, { m: { input: 1 } }, { m: { input: "0", output: 0 } }, {
      m: 0,
    }]
  ) {
    await assert.rejects(setSetting(rpc, "ai_model_prices", wrong), /healing_settings_ai_prices_are_dollars/);
  }
  await assert.rejects(
    setSetting(rpc, "ai_unknown_model_price", {}),
    /healing_settings_ai_prices_are_dollars/,
  );
});

Deno.test("reserve_ai_call() with a limit of zero turns AI off, and free models need no dollars", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  await limits(rpc, 10_000, 0);
  assert.equal((await reserveAiCall(rpc, reservation())).decision, "refused");
  await setSetting(rpc, "ai_model_prices", { "test-model": { input: 0, output: 0 } });
  assert.equal((await reserveAiCall(rpc, reservation())).decision, "reserved");
  await setSetting(rpc, "ai_daily_tokens", 0);
  assert.equal((await reserveAiCall(rpc, reservation())).decision, "refused");
  await assert.rejects(reserveAiCall(rpc, reservation({ model: "" })), { code: "BAD_REQUEST" });
  await assert.rejects(reserveAiCall(rpc, reservation({ prompt_tokens: -1 })), { code: "BAD_REQUEST" });
});

Deno.test("reserve_ai_call() that arrives twice, or after its settlement, counts once", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  const twice = reservation();
  for (let i = 0; i < 3; i++) assert.equal((await reserveAiCall(rpc, twice)).decision, "reserved");
  assert.equal((await getAiBudget(rpc)).committed_tokens, 1_000);
  const late = reservation();
  await settleAiCall(rpc, settlement(late, { prompt_tokens: 7, completion_tokens: 3 }));
  assert.equal((await reserveAiCall(rpc, late)).decision, "reserved");
  assert.equal((await getAiBudget(rpc)).committed_tokens, 1_010);
});

Deno.test("settle_ai_call() books a call on the day on which it was reserved", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const call = reservation();
  await reserveAiCall(contract.rpc, call);
  await database.query("update healing_private.ai_calls set day = day - 1");
  await database.query("update healing_private.ai_budget_days set day = day - 1");
  await settleAiCall(contract.rpc, settlement(call, { prompt_tokens: 1, completion_tokens: 1 }));
  const days = await database.query(
    "select current_date - day as ago, committed_tokens::int as n from healing_private.ai_budget_days",
  );
  assert.deepEqual(days.map(({ n }) => n), [2]);
  assert.equal((await getAiBudget(contract.rpc)).committed_tokens, 0);
});
