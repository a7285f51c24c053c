/** Rows of models: the call goes through the library's client as an author makes it, with the defect that the row names. @module */

import { createAiClient } from "../../supabase/functions/_shared/aiClient.ts";
import type {
  AiClient,
  AiJsonRequest,
  AiMessage,
  AiParameters,
  AiReply,
  AiRequest,
} from "../../supabase/functions/_shared/aiClient.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import { readSettings } from "../../supabase/functions/_shared/core/settings.ts";
import { z } from "../../supabase/functions/_shared/core/validation.ts";
import { initializeEnterpriseInfrastructure } from "../../supabase/functions/_shared/universalIntegrationHelper.ts";
import type { Case } from "./cases.ts";
import { type Defect, defectOf, isDefective, MOST_CHARACTERS, SAID_LIMIT } from "./defects.ts";
import { type CallVerdict, judgeAnswered, judgeFailed, permanentRepeats } from "./judgeCall.ts";
import type { BenchDatabase } from "./server.ts";
import { type StandIn, type StandInRequest, startStandIn } from "./standIn.ts";

/** The model that is asked, and the least time that the client gives one request. */
const MODEL = "model-of-the-bench";
const ATTEMPT_MS = 400;

/** Calls the model, lets the library do what it does, and asks the engine about what is left. */
export async function runModelCase(row: Case, database: BenchDatabase): Promise<CallVerdict> {
  const defect = defectOf(row);
  const call = callFor(defect);
  await using standIn = startFor(row, defect, call);
  const { protectedAICall } = await initializeEnterpriseInfrastructure(
    new Request(`${standIn.url}/functions/v1/${row.id}`),
    { functionName: row.id, settings: readSettings({ get: () => undefined }) },
  );
  const client = clientOf(standIn);
  const harm = () => permanentRepeats(row, standIn);
  let reply: AiReply;
  try {
    reply = await protectedAICall((signal) => call.make(client, signal));
  } catch (error) {
    return await judgeFailed(row, error, { database, harm: harm() });
  }
  if (reply.kind === "refused") {
    const told = `the author is told that it was refused (${reply.by}), and nobody else is asked`;
    const error = Object.assign(new Error(reply.message), { status: row.error.http_status ?? 400 });
    return await judgeFailed(row, error, { database, harm: harm(), told });
  }
  return judgeAnswered(row, standIn, {
    isValid: reply.text === call.answer,
    actions: reply.fixes.map((fix) => `request: ${fix}`),
  });
}

/** A limit that passes soon, in whichever words. */
const WAITS = { u: String(SAID_LIMIT), s: "1", seconds: "1", t: "1s", time: "1s", wait: "1s", ms: "500" };

function startFor(row: Case, defect: Defect | undefined, call: ModelCall): StandIn {
  const limit = String(SAID_LIMIT);
  // Only a request that is too large asks for more than the limit.
  const isTooMuch = defect?.kind === "length" || defect?.kind === "outputBound";
  const asked = isTooMuch ? String(SAID_LIMIT + 1_000) : "1";
  return startStandIn(row, {
    ...(defect === undefined ? {} : { defect: ({ body }: StandInRequest) => isDefective(defect, body) }),
    answer: () => completion(call.answer),
    words: {
      ...call.words,
      model: MODEL,
      org: "org-bench",
      l: limit,
      limit,
      max: limit,
      r: asked,
      n: asked,
      ...WAITS,
    },
  });
}

function clientOf({ url }: StandIn): AiClient {
  const target = { model: MODEL, baseUrl: `${url}/v1`, apiKey: "sk-bench" };
  return createAiClient({
    settings: { targets: [target], problems: [] },
    attemptTimeoutMs: ATTEMPT_MS,
    logger: silentLogger,
  });
}

/** A call with the defect, the answer that it should get, and the words that the refusal says of it. */
interface ModelCall {
  make: (client: AiClient, signal: AbortSignal) => Promise<AiReply>;
  answer: string;
  words?: Readonly<Record<string, string>>;
}

function callFor(defect: Defect | undefined): ModelCall {
  if (defect?.kind === "schema" || (defect?.kind === "parameter" && defect.name === "response_format")) {
    return jsonCall();
  }
  const request: AiRequest = {
    purpose: "bench",
    messages: messagesFor(defect),
    maxOutputTokens: defect?.kind === "outputBound" ? defect.most + 1_000 : 200,
    temperature: 0.2,
    parameters: parametersFor(defect),
  };
  return {
    make: (client, signal) => client.complete({ ...request, signal }),
    answer: defect?.kind === "jsonWord" ? '{"greeting":"hello"}' : "The answer of the bench.",
    words: { v: "0.2" },
  };
}

function messagesFor(defect: Defect | undefined): AiMessage[] {
  const start: AiMessage[] = [{ role: "system", content: "Be brief." }, {
    role: "user",
    content: "Say hello.",
  }];
  if (defect?.kind === "length") {
    return [...start, { role: "user", content: "x".repeat(2 * MOST_CHARACTERS) }];
  }
  if (defect?.kind !== "toolAnswers") return start;
  const calls = ["call_1", "call_2"].map((id) => ({
    id,
    type: "function" as const,
    function: { name: "look_up", arguments: "{}" },
  }));
  return [
    ...start,
    { role: "assistant", content: "", tool_calls: calls },
    { role: "tool", content: "found", tool_call_id: "call_1" },
    { role: "user", content: "And now?" },
  ];
}

const VALUES: AiParameters = {
  top_p: 0.5,
  frequency_penalty: 0.5,
  presence_penalty: 0.5,
  reasoning_effort: "low",
  verbosity: "low",
  seed: 7,
  stop: "END",
  user: "somebody",
};

function parametersFor(defect: Defect | undefined): AiParameters {
  if (defect?.kind === "jsonWord") return { response_format: { type: "json_object" } };
  if (defect?.kind !== "parameter" && defect?.kind !== "value") return {};
  const value = VALUES[defect.name as keyof AiParameters];
  return value === undefined ? {} : { [defect.name]: value };
}

/** A schema that is strict nowhere: an open object, an optional key, and one inside of a list. */
function jsonCall(): ModelCall {
  const text = { type: "string" };
  const part = { type: "object", properties: { name: text, note: text }, required: ["name"] };
  const request: AiJsonRequest<unknown> = {
    purpose: "bench",
    messages: [{ role: "user", content: "Name the parts." }],
    schema: z.object({ parts: z.array(z.object({ name: z.string(), note: z.string().optional() })) }),
    jsonSchema: {
      name: "parts",
      schema: { type: "object", properties: { parts: { type: "array", items: part } }, required: ["parts"] },
    },
    maxOutputTokens: 200,
  };
  return {
    make: (client, signal) => client.completeJson({ ...request, signal }),
    answer: '{"parts":[{"name":"wheel","note":null}]}',
    words: { name: "parts", path: "()", k: "note" },
  };
}

function completion(content: string): Response {
  return Response.json({
    id: "chatcmpl-bench",
    object: "chat.completion",
    created: 1,
    model: MODEL,
    choices: [{ index: 0, message: { role: "assistant", content, refusal: null }, finish_reason: "stop" }],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  });
}
