import assert from "node:assert/strict";
import type { AiJsonRequest } from "../../../supabase/functions/_shared/aiClient.ts";
import { z } from "../../../supabase/functions/_shared/core/validation.ts";
import type { JsonParseError } from "../../../supabase/functions/_shared/robustJsonParser.ts";
import { clientOf, question } from "../../helpers/aiClients.ts";
import { fails, knowsNoResponseFormat, openAiError } from "../../helpers/openAiFailures.ts";
import { isCutAfter, refuses, says, saysJson } from "../../helpers/openAiReplies.ts";
import { startOpenAiServer } from "../../helpers/openAiServer.ts";

const schema = z.object({ name: z.string(), age: z.number().int(), nick: z.string().optional() });
type Person = z.infer<typeof schema>;
const ADA: Person = { name: "Ada", age: 36 };

function ask(changes: Partial<AiJsonRequest<Person>> = {}): AiJsonRequest<Person> {
  return { ...question(), schema, ...changes };
}

const jsonSchema = {
  name: "person",
  schema: {
    type: "object",
    properties: { name: { type: "string" }, age: { type: "integer" }, nick: { type: "string" } },
    required: ["name", "age"],
  },
};

Deno.test("completeJson() gives the value, however the model wrapped it", async () => {
  await using server = startOpenAiServer();
  const texts = [
    JSON.stringify(ADA),
    `Sure! Here it is:\n\`\`\`json\n${JSON.stringify(ADA)}\n\`\`\`\nAnything else?`,
    "{name: 'Ada', age: 36,}",
    '{"name": "Ada", "age": 36} // a comment',
    '{"greeting": "hi"} and {"name": "Ada", "age": 36}',
  ];
  for (const text of texts) {
    server.answer(says(text));
    const reply = await clientOf([server]).completeJson(ask());
    assert.ok(reply.kind === "answered", text);
    assert.deepEqual(reply.value, ADA, text);
  }
  assert.equal(server.requests.length, texts.length);
  const { body } = server.requests[0]!;
  assert.deepEqual(body.response_format, { type: "json_object" });
  assert.match(body.messages[0]!.content, /JSON/);
});

Deno.test("completeJson() refuses a cut reply with what it holds so far, unless a part is wanted", async () => {
  await using server = startOpenAiServer();
  server.always(isCutAfter('{"name": "Ada", "age": 36, "nick": "the enchan'));
  const error: JsonParseError = await clientOf([server]).completeJson(ask()).catch((thrown) => thrown);
  assert.equal(error.code, "JSON_TRUNCATED");
  assert.deepEqual(error.partialValue, { ...ADA, nick: "the enchan" });
  assert.equal(server.requests.length, 1, "it would be cut again");
  const part = await clientOf([server]).completeJson(ask({ allowPartial: true }));
  assert.ok(part.kind === "answered" && part.isCut);
  server.always(isCutAfter(""));
  await assert.rejects(clientOf([server]).completeJson(ask()), { code: "JSON_TRUNCATED" });
});

Deno.test("completeJson() joins a reply that is asked to go on", async () => {
  await using server = startOpenAiServer();
  server.answer(isCutAfter('{"name": "Ada", "a'), says('ge": 36}'));
  const reply = await clientOf([server]).completeJson(ask({ maxContinuations: 1 }));
  assert.ok(reply.kind === "answered");
  assert.deepEqual(reply.value, ADA);
  assert.equal(server.requests[1]!.body.response_format, undefined);
});

Deno.test("completeJson() tells the model what was wrong, once, and counts both replies", async () => {
  await using server = startOpenAiServer();
  const usage = { prompt_tokens: 10, completion_tokens: 5 };
  server.answer(saysJson({ name: "Ada", age: "old" }, { usage }), saysJson(ADA, { usage }));
  const reply = await clientOf([server]).completeJson(ask());
  assert.ok(reply.kind === "answered");
  assert.deepEqual(reply.usage, { promptTokens: 20, completionTokens: 10, isEstimate: false });
  assert.equal(reply.costUsd, "0.0006");
  assert.equal(reply.requests, 2);
  assert.match(server.requests[1]!.body.messages.at(-1)!.content, /age: .*expected number/);
  server.always(says("I do not know."));
  await assert.rejects(clientOf([server]).completeJson(ask()), { code: "JSON_INVALID" });
  assert.equal(server.requests.length, 4);
  await assert.rejects(clientOf([server]).completeJson(ask({ maxReasks: 0 })), { code: "JSON_INVALID" });
  assert.equal(server.requests.length, 5);
});

Deno.test("completeJson() gives coded errors for values that are hostile", async () => {
  await using server = startOpenAiServer();
  const deep = `{"name": ${"[".repeat(5_000)}${"]".repeat(5_000)}}`;
  server.answer(says(deep));
  await assert.rejects(clientOf([server]).completeJson(ask({ maxReasks: 0 })), { code: "JSON_TOO_DEEP" });
  server.answer(saysJson(["__proto__", { constructor: 1 }]));
  await assert.rejects(clientOf([server]).completeJson(ask({ maxReasks: 0 })), {
    code: "JSON_SCHEMA_MISMATCH",
  });
});

Deno.test("completeJson() asks in the prompt where the endpoint knows no response_format, and remembers it", async () => {
  await using server = startOpenAiServer();
  server.always(knowsNoResponseFormat(saysJson(ADA)));
  const client = clientOf([server]);
  const first = await client.completeJson(ask({ jsonSchema }));
  assert.ok(first.kind === "answered");
  assert.deepEqual(first.fixes, ["ask_json_in_prompt"]);
  assert.equal(server.requests.length, 2);
  await client.completeJson(ask({ jsonSchema }));
  assert.equal(server.requests.length, 3);
  assert.match(server.requests[2]!.body.messages[0]!.content, /"required":\["name","age"\]/);
});

Deno.test("completeJson() understands a local endpoint that names the parameter in its own words", async () => {
  await using server = startOpenAiServer();
  const message = "'response_format.type' must be 'json_schema' or 'text'";
  server.always((request) =>
    request.body.response_format === undefined
      ? saysJson(ADA)(request)
      : Response.json({ error: message }, { status: 400 })
  );
  const reply = await clientOf([server]).completeJson(ask());
  assert.deepEqual(reply.fixes, ["ask_json_in_prompt"]);
});

Deno.test("completeJson() completes a schema that is not strict enough, and takes its nulls out again (LA-017)", async () => {
  await using server = startOpenAiServer();
  server.always((request) => {
    const format = request.body.response_format as {
      json_schema: { strict: boolean; schema: Record<string, unknown> };
    };
    if (format.json_schema.schema.additionalProperties !== false) {
      const message =
        "Invalid schema for response_format 'person': In context=(), 'additionalProperties' is required " +
        "to be supplied and to be false.";
      return openAiError(400, { message, param: "response_format" });
    }
    assert.equal(format.json_schema.strict, true);
    assert.deepEqual(format.json_schema.schema.required, ["name", "age", "nick"]);
    return saysJson({ ...ADA, nick: null })(request);
  });
  const reply = await clientOf([server]).completeJson(ask({ jsonSchema }));
  assert.ok(reply.kind === "answered");
  assert.deepEqual(reply.value, ADA);
  assert.deepEqual(reply.fixes, ["complete_json_schema"]);
});

Deno.test("completeJson() says the word that an endpoint wants to hear (LA-018)", async () => {
  await using server = startOpenAiServer();
  const message =
    "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
  server.answer(fails(400, { message, param: "messages" }), saysJson(ADA));
  const reply = await clientOf([server]).completeJson(ask());
  assert.deepEqual(reply.fixes, ["say_json"]);
  assert.equal(server.requests[1]!.body.messages.at(-1)!.content, "Respond in JSON.");
});

Deno.test("completeJson() gives a refusal as it is", async () => {
  await using server = startOpenAiServer();
  server.always(refuses("I will not."));
  const reply = await clientOf([server]).completeJson(ask());
  assert.ok(reply.kind === "refused");
  assert.equal(server.requests.length, 1);
});
