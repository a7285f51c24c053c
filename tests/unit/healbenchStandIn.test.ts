import assert from "node:assert/strict";
import type { Case } from "../../scripts/healbench/cases.ts";
import { type Defect, defectOf, isDefective } from "../../scripts/healbench/defects.ts";
import { judgeAnswered, permanentRepeats } from "../../scripts/healbench/judgeCall.ts";
import { canStandIn, startStandIn } from "../../scripts/healbench/standIn.ts";

function row(error: Partial<Case["error"]>, changes: Partial<Case> = {}): Case {
  return {
    id: "T-1",
    layer: "LLM API",
    title: "a row",
    error,
    reproduce: { kind: "http_stub" },
    risk: "low",
    ...changes,
  };
}

const refusal = (message: string, param?: string) =>
  row({ http_status: 400, body: { error: { message, param } } });

async function send(url: string, body: unknown): Promise<number | string> {
  try {
    const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
    await response.body?.cancel();
    return response.status;
  } catch {
    return "broken";
  }
}

Deno.test("startStandIn() refuses as long as the request has the defect, however often it comes", async () => {
  const one = { ...refusal("Unsupported parameter: 'top_p'", "top_p"), retry_safe_unchanged: true };
  await using standIn = startStandIn(one, { defect: ({ body }) => isDefective(defectOf(one)!, body) });
  assert.deepEqual(
    [
      await send(standIn.url, { top_p: 1 }),
      await send(standIn.url, { top_p: 1 }),
      await send(standIn.url, {}),
    ],
    [400, 400, 200],
  );
  assert.deepEqual([standIn.requests.length, standIn.answered, standIn.repeats], [3, 1, 1]);
});

Deno.test("startStandIn() mends for a second request only where the row says so, and counts what came again", async () => {
  const busy = row({ http_status: 503, body: "{}" });
  for (
    const [retry_safe_unchanged, statuses, harm] of [[true, [503, 200], 0], [false, [503, 503], 1], [null, [
      503,
      503,
    ], 1]] as const
  ) {
    const one = { ...busy, retry_safe_unchanged };
    await using standIn = startStandIn(one);
    assert.deepEqual([await send(standIn.url, 1), await send(standIn.url, 1)], statuses);
    assert.equal(permanentRepeats(one, standIn).length, harm);
    const verdict = judgeAnswered(one, standIn, { isValid: true });
    assert.equal(verdict.verdict, harm === 0 ? "healed" : "harmed");
  }
});

Deno.test("startStandIn() breaks the connection for a row without a status, and mends it under a key alone", async () => {
  const cut = row({ message: "Connection error." }, { retry_safe_unchanged: false });
  for (const [isKeyed, outcomes] of [[false, ["broken", "broken"]], [true, ["broken", 200]]] as const) {
    await using standIn = startStandIn(cut, { isKeyed });
    assert.deepEqual([await send(standIn.url, 1), await send(standIn.url, 1)], outcomes);
  }
});

Deno.test("canStandIn() leaves out what a client finds wrong by itself, and a success whose body nobody knows", () => {
  assert.equal(canStandIn(row({ message: "Connection error." })), true);
  assert.equal(canStandIn(row({ message: "The environment variable OPENAI_API_KEY is missing" })), false);
  assert.equal(canStandIn(row({ http_status: 503, message: "busy" })), true);
  assert.equal(canStandIn(row({ http_status: 200, message: "finish_reason: length" })), false);
  assert.equal(canStandIn(row({ http_status: 200, message: '{"error":{"code":502}}' })), true);
});

Deno.test("judgeAnswered() takes no answer for a healing that came without a failure, or is not the good one", async () => {
  const one = row({ http_status: 503 }, { retry_safe_unchanged: true });
  await using standIn = startStandIn(one, { defect: () => false });
  await send(standIn.url, 1);
  assert.equal(judgeAnswered(one, standIn, { isValid: true }).verdict, "decidedOnly");
  await using mended = startStandIn(one);
  await send(mended.url, 1);
  await send(mended.url, 1);
  assert.equal(judgeAnswered(one, mended, { isValid: false }).verdict, "decidedOnly");
});

Deno.test("isDefective() is not deceived by a repair that loses something", () => {
  const named = (message: string, param?: string): Defect => defectOf(refusal(message, param))!;
  const renamed = named(
    "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
    "max_tokens",
  );
  assert.equal(isDefective(renamed, { max_completion_tokens: 5 }), false);
  assert.equal(isDefective(renamed, {}), true, "the limit is gone");
  const schema = named("Invalid schema for response_format 'x': 'additionalProperties' is required");
  const format = (strict: boolean, closed: boolean) => ({
    response_format: {
      json_schema: {
        strict,
        schema: {
          type: "object",
          properties: { a: { type: "string" } },
          required: ["a"],
          ...(closed ? { additionalProperties: false } : {}),
        },
      },
    },
  });
  assert.equal(isDefective(schema, format(true, true)), false);
  assert.equal(isDefective(schema, format(true, false)), true);
  assert.equal(isDefective(schema, format(false, true)), true, "strictness is gone");
  assert.equal(isDefective(schema, {}), true);
  const word = named("'messages' must contain the word 'json' in some form");
  assert.equal(isDefective(word, { messages: [{ content: "as JSON" }] }), true, "the format is gone");
  assert.equal(isDefective(word, { messages: [{ content: "as JSON" }], response_format: {} }), false);
  assert.equal(defectOf(refusal("The server had an error")), undefined);
});
