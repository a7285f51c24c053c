import assert from "node:assert/strict";
import { getAiBudget } from "../../supabase/functions/_shared/healingDb.ts";
import { clientOf, question } from "../helpers/aiClients.ts";
import { settledCalls } from "../helpers/aiLedger.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { breaksAfter, drips, says } from "../helpers/openAiReplies.ts";
import { startOpenAiServer } from "../helpers/openAiServer.ts";

Deno.test("stream() books what it used, and the whole reservation where nobody saw its end", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await using server = startOpenAiServer();
  const usage = { prompt_tokens: 12, completion_tokens: 3 };
  const never = (index: number) => index === 0 ? Promise.resolve() : new Promise<void>(() => {});
  server.answer(says("Once upon a time.", { usage }), drips(["one", "two"], never), breaksAfter("half"));
  const client = clientOf([server], { db: contract.rpc });
  for await (const _text of client.stream(question()));
  for await (const _text of client.stream(question())) break;
  await server.hungUp(1);
  const broken = (async () => {
    for await (const _text of client.stream(question()));
  })();
  await assert.rejects(broken, { code: "UNAVAILABLE" });
  const rows = await settledCalls(database, 3);
  assert.deepEqual(rows[0], {
    outcome: "answered",
    model: "model-0",
    ...usage,
    is_estimate: false,
    error_type: null,
  });
  assert.deepEqual(
    rows.slice(1).map(({ outcome, is_estimate, error_type }) => [outcome, is_estimate, error_type]),
    [
      ["failed", true, "aborted"],
      ["failed", true, "connection_reset"],
    ],
  );
  const sum = rows.reduce((total, row) => total + row.prompt_tokens + row.completion_tokens, 0);
  assert.equal((await getAiBudget(contract.rpc)).committed_tokens, sum);
});
