import assert from "node:assert/strict";
import type { AiMessage, AiRequest } from "../../../supabase/functions/_shared/aiClient.ts";
import { clientOf, question } from "../../helpers/aiClients.ts";
import { openAiError, type OpenAiErrorBody } from "../../helpers/openAiFailures.ts";
import { says } from "../../helpers/openAiReplies.ts";
import { type Behaviour, type ChatRequestBody, startOpenAiServer } from "../../helpers/openAiServer.ts";

/** Refuses a request while it has the defect, with these words. */
function refusesWhile(defect: (body: ChatRequestBody) => boolean, error: OpenAiErrorBody): Behaviour {
  return (request) => defect(request.body) ? openAiError(400, error) : says("Hi.")(request);
}

const asked = (id: string) => ({
  id,
  type: "function" as const,
  function: { name: "look_up", arguments: "{}" },
});

const MENDED: [
  fix: string,
  error: OpenAiErrorBody,
  defect: (body: ChatRequestBody) => boolean,
  request: Partial<AiRequest>,
][] = [
  [
    "drop_presence_penalty",
    {
      message: "Unsupported parameter: 'presence_penalty' is not supported with this model.",
      param: "presence_penalty",
    },
    (body) => "presence_penalty" in body,
    { parameters: { presence_penalty: 0.5, seed: 7 } },
  ],
  [
    "drop_top_p",
    { message: "top_p: Extra inputs are not permitted" },
    (body) => "top_p" in body,
    { parameters: { top_p: 0.5 } },
  ],
  [
    "drop_reasoning_effort",
    { message: "Unrecognized request argument supplied: reasoning_effort" },
    (body) => "reasoning_effort" in body,
    { parameters: { reasoning_effort: "low" } },
  ],
  [
    "rename_user",
    { message: "Unsupported parameter: 'user'. Use 'safety_identifier' instead.", param: "user" },
    (body) => "user" in body || body.safety_identifier !== "u-1",
    { parameters: { user: "u-1" } },
  ],
  [
    "lower_max_tokens",
    {
      message:
        "max_tokens is too large: 9000. This model supports at most 4096 completion tokens, whereas you provided 9000.",
      param: "max_tokens",
    },
    (body) => Number(body.max_tokens) > 4_096,
    { maxOutputTokens: 9_000 },
  ],
  [
    "lower_max_tokens",
    {
      message: "max_tokens: 9000 > 8192, which is the maximum allowed number of output tokens for this model",
    },
    (body) => Number(body.max_tokens) > 8_192,
    { maxOutputTokens: 9_000 },
  ],
  [
    "say_json",
    {
      message:
        "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
      param: "messages",
    },
    (body) =>
      !body.messages.some(({ content }) => /json/i.test(content)) || body.response_format === undefined,
    { parameters: { response_format: { type: "json_object" } } },
  ],
  [
    "ask_json_in_prompt",
    { message: "Unknown parameter: 'response_format'.", param: "response_format" },
    (body) => "response_format" in body || !body.messages.some(({ content }) => /json/i.test(content)),
    { parameters: { response_format: { type: "json_object" } } },
  ],
  [
    "say_instructions_as_user",
    {
      message: "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
      param: "messages[0].role",
      code: "unsupported_value",
    },
    (body) => body.messages.some(({ role }) => role === "system"),
    { messages: [{ role: "system", content: "Be brief." }, { role: "user", content: "Hello" }] },
  ],
];

for (const [fix, error, defect, request] of MENDED) {
  Deno.test(`complete() mends "${error.message.slice(0, 50)}" once, and remembers it for the model`, async () => {
    await using server = startOpenAiServer();
    server.always(refusesWhile(defect, error));
    const client = clientOf([server]);
    const first = await client.complete(question(request));
    assert.deepEqual([first.kind, first.requests, first.fixes], ["answered", 2, [fix]]);
    const second = await client.complete(question(request));
    assert.deepEqual([second.requests, second.fixes], [1, [fix]]);
  });
}

Deno.test("complete() says where a tool's answer is missing, and invents none", async () => {
  await using server = startOpenAiServer();
  server.always(refusesWhile(({ messages }) => messages.filter(({ role }) => role === "tool").length < 2, {
    message:
      "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.",
    param: "messages",
  }));
  const messages: AiMessage[] = [
    { role: "user", content: "Look both up." },
    { role: "assistant", content: "", tool_calls: [asked("a"), asked("b")] },
    { role: "tool", content: "found", tool_call_id: "a" },
    { role: "user", content: "And now?" },
  ];
  const reply = await clientOf([server]).complete(question({ messages }));
  assert.deepEqual(reply.fixes, ["answer_tool_calls"]);
  const sent = server.requests[1]!.body.messages as unknown as AiMessage[];
  assert.deepEqual(sent.map(({ role, tool_call_id }) => `${role} ${tool_call_id ?? ""}`.trim()), [
    ...["user", "assistant", "tool a", "tool b", "user"],
  ]);
  assert.equal(sent[2]!.content, "found");
  assert.match(sent[3]!.content, /whether it was made is not known/);
});

Deno.test("complete() changes nothing that would change what was asked for", async () => {
  const kept: [OpenAiErrorBody, Partial<AiRequest>][] = [
    [{ message: "Unsupported parameter: 'seed' is not supported with this model.", param: "seed" }, {
      parameters: { seed: 7 },
    }],
    [{ message: "Unsupported parameter: 'stop' is not supported with this model.", param: "stop" }, {
      parameters: { stop: "END" },
    }],
    // A limit on the cost without a name to put it under stays.
    [{ message: "Unrecognized request argument supplied: max_tokens" }, {}],
    [{ message: "temperature and top_p cannot both be specified for this model." }, {
      temperature: 1,
      parameters: { top_p: 1 },
    }],
    [{ message: "Unsupported value: 'user' is not supported. Use 'model' instead.", param: "user" }, {
      parameters: { user: "u" },
    }],
  ];
  for (const [error, request] of kept) {
    await using server = startOpenAiServer();
    server.always(refusesWhile(() => true, error));
    await assert.rejects(
      clientOf([server]).complete(question(request)),
      { code: "BAD_REQUEST" },
      error.message,
    );
    assert.equal(server.requests.length, 1, error.message);
  }
});

Deno.test("complete() takes no parameters that change what a call costs or what comes of it", async () => {
  await using server = startOpenAiServer();
  for (const parameters of [{ n: 5 }, { tools: [] }, { model: "other" }, { stream: true }]) {
    await assert.rejects(
      clientOf([server]).complete(question({ parameters: parameters as AiRequest["parameters"] & object })),
      { name: "RangeError", message: /"parameters" must be of top_p/ },
    );
  }
  assert.equal(server.requests.length, 0);
});

Deno.test("complete() learns a bound that is lower than the one before, and never goes back up", async () => {
  await using server = startOpenAiServer();
  const most = { tokens: 8_192 };
  server.always((request) =>
    Number(request.body.max_tokens) > most.tokens
      ? openAiError(400, {
        message: `max_tokens: ${request.body.max_tokens} > ${most.tokens}, which is the maximum`,
      })
      : says("Hi.")(request)
  );
  const client = clientOf([server]);
  await client.complete(question({ maxOutputTokens: 9_000 }));
  most.tokens = 4_096;
  const { requests, fixes } = await client.complete(question({ maxOutputTokens: 9_000 }));
  assert.deepEqual([requests, fixes], [2, ["lower_max_tokens"]]);
  assert.equal(server.requests.at(-1)!.body.max_tokens, 4_096);
  await client.complete(question({ maxOutputTokens: 100 }));
  assert.equal(server.requests.at(-1)!.body.max_tokens, 100);
});

Deno.test("complete() gives an endpoint up that refuses whatever is mended", async () => {
  await using server = startOpenAiServer();
  server.always(() =>
    openAiError(400, {
      message:
        "Unsupported parameter: 'max_tokens' 'max_completion_tokens' 'temperature' 'top_p' use 'max_tokens', 'max_completion_tokens'",
    })
  );
  const request = question({ temperature: 1, parameters: { top_p: 1, presence_penalty: 1 } });
  await assert.rejects(clientOf([server]).complete(request), { code: "BAD_REQUEST" });
  assert.ok(server.requests.length <= 5, `${server.requests.length} requests`);
});
