/** What the client does about each known failure of a model, asked over the wire and judged by what the server saw. */

import assert from "node:assert/strict";
import { judgeFailure } from "../../../supabase/functions/_shared/aiClient/judge.ts";
import { clientOf, question } from "../../helpers/aiClients.ts";
import {
  contextLength,
  fails,
  knowsNoMaxTokens,
  knowsNoTemperature,
  modelMissing,
  overloaded,
  overloaded529,
  promptFlagged,
  proxyPage,
  quotaUsedUp,
  rateLimited,
  regionBlocked,
  requestTooLarge,
  serverError,
  wrappedError,
  wrongKey,
} from "../../helpers/openAiFailures.ts";
import {
  breaksAfter,
  hasNoChoices,
  isFiltered,
  refuses,
  says,
  streamsError,
} from "../../helpers/openAiReplies.ts";
import { type Behaviour, startOpenAiServer } from "../../helpers/openAiServer.ts";

interface Row {
  /** The catalogue's row, or what else it is. */
  id: string;
  behaviour: Behaviour;
  /** What is done about it when it comes every time: to the first target, and to the one after it. */
  decision: "retry" | "fallback" | "fix" | "giveUp" | "refused";
  code?: string;
  errorType?: string;
}

const SERVED: Behaviour = says("Hello!");

const ROWS: readonly Row[] = [
  {
    id: "LA-006",
    behaviour: fails(409, { message: "The resource is being updated by another process.", type: null }),
    decision: "retry",
    code: "CONFLICT",
  },
  { id: "rate limit", behaviour: rateLimited(), decision: "retry", code: "RATE_LIMITED" },
  { id: "LA-009", behaviour: requestTooLarge(), decision: "fallback", code: "PAYLOAD_TOO_LARGE" },
  {
    id: "LA-009 by its numbers",
    behaviour: fails(429, {
      message: "Rate limit reached: Limit 30000, Used 0, Requested 31250.",
      code: "rate_limit_exceeded",
    }),
    decision: "fallback",
    code: "PAYLOAD_TOO_LARGE",
  },
  {
    id: "LA-010",
    behaviour: quotaUsedUp(),
    decision: "fallback",
    code: "CONFIG_MISSING",
    errorType: "quota_exhausted",
  },
  { id: "LA-011", behaviour: serverError(), decision: "retry", code: "UNAVAILABLE" },
  { id: "LA-012", behaviour: overloaded(), decision: "retry", code: "UNAVAILABLE" },
  { id: "LA-012 as 529", behaviour: overloaded529(), decision: "retry", errorType: "provider_overloaded" },
  {
    id: "LA-012 as 400",
    behaviour: fails(400, {
      message: "Our servers are currently overloaded. Please try again later.",
      code: "server_is_overloaded",
    }),
    decision: "retry",
    errorType: "provider_overloaded",
  },
  { id: "LA-013", behaviour: proxyPage(), decision: "retry", code: "UNAVAILABLE" },
  { id: "LA-014", behaviour: contextLength(), decision: "fallback", code: "PAYLOAD_TOO_LARGE" },
  {
    id: "LA-014, older words",
    behaviour: fails(400, {
      message:
        "This model's maximum context length is 4097 tokens. However, you requested 5000 tokens (4000 in the messages, 1000 in the completion).",
    }),
    decision: "fallback",
    errorType: "context_length",
  },
  { id: "LA-015", behaviour: knowsNoMaxTokens(SERVED), decision: "fix" },
  { id: "LA-016", behaviour: knowsNoTemperature(SERVED), decision: "fix" },
  { id: "LA-020", behaviour: promptFlagged(), decision: "refused" },
  { id: "LO-013", behaviour: isFiltered(), decision: "refused" },
  { id: "refusal of the model", behaviour: refuses("No."), decision: "refused" },
  { id: "blocked region", behaviour: regionBlocked(), decision: "refused" },
  { id: "LA-024", behaviour: wrappedError(429), decision: "retry", code: "RATE_LIMITED" },
  { id: "LA-024 with 500", behaviour: wrappedError(500), decision: "retry", code: "UNAVAILABLE" },
  {
    id: "LA-024 with 402",
    behaviour: wrappedError(402, "Insufficient credits"),
    decision: "fallback",
    errorType: "quota_exhausted",
  },
  { id: "LO-017", behaviour: hasNoChoices(), decision: "retry", errorType: "invalid_reply" },
  { id: "wrong key", behaviour: wrongKey(), decision: "fallback", code: "CONFIG_MISSING" },
  { id: "missing model", behaviour: modelMissing(), decision: "fallback", code: "CONFIG_MISSING" },
  { id: "broken connection", behaviour: breaksAfter("half"), decision: "retry", code: "UNAVAILABLE" },
  {
    id: "unknown parameter",
    behaviour: fails(400, {
      message: "Unknown parameter: 'seed'.",
      param: "seed",
      code: "unknown_parameter",
    }),
    decision: "giveUp",
    code: "BAD_REQUEST",
  },
  {
    id: "tool calls without results",
    behaviour: fails(400, {
      message:
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.",
    }),
    decision: "giveUp",
    code: "BAD_REQUEST",
  },
  {
    id: "422",
    behaviour: fails(422, { message: "Unprocessable." }),
    decision: "giveUp",
    code: "BAD_REQUEST",
  },
];

for (const { id, behaviour, decision, code, errorType } of ROWS) {
  Deno.test(`complete() decides "${decision}" for ${id}`, async () => {
    await using first = startOpenAiServer();
    await using second = startOpenAiServer();
    first.always(behaviour);
    const request = question({ temperature: 0.2 });
    const outcome = await clientOf([first, second]).complete(request).catch((error) => error);
    const [there, elsewhere] = [first.requests.length, second.requests.length];
    const expected = {
      retry: [true, 1],
      fallback: [false, 1],
      fix: [true, 0],
      giveUp: [false, 0],
      refused: [false, 0],
    };
    assert.deepEqual(
      [there > 1, elsewhere],
      expected[decision],
      `${there} and ${elsewhere} requests, ${outcome}`,
    );
    if (decision === "refused") assert.equal(outcome.kind, "refused");
    if (decision === "fix" || decision === "retry" || decision === "fallback") {
      assert.equal(outcome.kind, "answered");
    }

    const alone = await clientOf([first]).complete(request).catch((error) => error);
    if (code !== undefined) assert.equal(alone.code, code, alone.message);
    if (errorType !== undefined) assert.equal(alone.details.errorType, errorType);
  });
}

Deno.test("judgeFailure() leaves what is no failure of a model's API alone (LA-025, LA-026, LA-028)", () => {
  for (
    const [code, message] of [
      ["22000", "expected 1536 dimensions, not 3072"],
      ["54000", "column cannot have more than 2000 dimensions for hnsw index"],
      ["22000", "NaN not allowed in vector"],
    ]
  ) {
    const judgement = judgeFailure({ code, message, name: "PostgresError" }, 0);
    assert.notEqual(judgement.action, "retry", `${message}`);
  }
});

Deno.test("judgeFailure() reads the numbers of a limit, so that a caller can split the work", () => {
  const error = {
    status: 400,
    code: "context_length_exceeded",
    message:
      "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.",
  };
  const { facts } = judgeFailure(error, 0);
  assert.deepEqual([facts.limit, facts.requested], [8192, 9001]);
});

Deno.test("judgeFailure() of anything that can be thrown never throws", () => {
  const hostile = {
    get message(): string {
      throw new Error("no");
    },
  };
  for (
    const thrown of [
      undefined,
      null,
      0,
      "text",
      Symbol("x"),
      [],
      hostile,
      new Proxy({}, { get: () => hostile }),
    ]
  ) {
    assert.ok(judgeFailure(thrown, 0).code.length > 0);
  }
});

Deno.test("stream() judges an error inside of the stream, and begins nothing anew after the first text", async () => {
  await using server = startOpenAiServer();
  server.always(
    streamsError("Once upon", {
      message: "Our servers are currently overloaded.",
      code: "server_is_overloaded",
    }),
  );
  const texts: string[] = [];
  const error = await (async () => {
    for await (const text of clientOf([server]).stream(question())) texts.push(text);
  })().catch((thrown) => thrown);
  assert.deepEqual(texts, ["Once upon"]);
  assert.equal(error.details.errorType, "provider_overloaded");
  assert.equal(server.requests.length, 1);
});
