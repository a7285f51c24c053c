import assert from "node:assert/strict";
import { z } from "../../../supabase/functions/_shared/core/validation.ts";
import { isHealingError } from "../../../supabase/functions/_shared/core/errors.ts";
import {
  type JsonFailureReport,
  JsonParseError,
  type JsonRepairReport,
  robustJSONParse,
  type StandardSchema,
} from "../../../supabase/functions/_shared/robustJsonParser.ts";

const clock = {
  now: () => Date.UTC(2026, 0, 2, 3, 4, 5),
  monotonic: () => 0,
  sleep: () => Promise.resolve(),
};

async function failureOf(promise: Promise<unknown>): Promise<JsonParseError> {
  try {
    await promise;
  } catch (thrown) {
    assert.ok(thrown instanceof JsonParseError);
    return thrown;
  }
  throw new Error("it was accepted");
}

Deno.test("robustJSONParse() gives the value", async () => {
  assert.deepEqual(await robustJSONParse("```json\n{a: [1,]}\n```"), { a: [1] });
});

Deno.test("robustJSONParse() throws a JsonParseError that is a HealingError", async () => {
  const error = await failureOf(robustJSONParse("no JSON here"));
  assert.equal(error.code, "JSON_INVALID");
  assert.ok(isHealingError(error));
  assert.ok(error.hint);
});

Deno.test("robustJSONParse() gives what the schema makes of the value", async () => {
  const schema = z.object({ at: z.coerce.date(), n: z.number().default(7) });
  const plan = await robustJSONParse("{at: '2026-01-02',}", { schema });
  assert.deepEqual(plan, { at: new Date("2026-01-02"), n: 7 });
});

Deno.test("robustJSONParse() accepts a Standard Schema, even one that answers later", async () => {
  const schema: StandardSchema<string> = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) => Promise.resolve({ value: `got ${JSON.stringify(value)}` }),
    },
  };
  assert.equal(await robustJSONParse("[1,]", { schema }), "got [1]");
});

Deno.test("robustJSONParse() lets the schema choose between readings", async () => {
  const schema = z.object({ kind: z.literal("plan"), steps: z.array(z.string()) });
  const long = JSON.stringify({ kind: "draft", steps: ["a much longer draft", "with more text in it"] });
  const reply = `Draft: ${long}\nFinal: {"kind": "plan", "steps": ["x"]}`;
  assert.deepEqual(await robustJSONParse(reply, { schema }), { kind: "plan", steps: ["x"] });
  const lines = '{"kind": "draft"}\n{"kind": "plan", "steps": []}';
  assert.deepEqual(await robustJSONParse(lines, { schema }), { kind: "plan", steps: [] });
});

Deno.test("robustJSONParse() lets the schema tell where a closer is missing", async () => {
  const inner = z.strictObject({ a: z.strictObject({ b: z.number(), c: z.number() }) });
  const text = '{"a": {"b": 1}, "c": 2}}';
  assert.deepEqual(await robustJSONParse(text, { schema: inner }), { a: { b: 1, c: 2 } });
});

Deno.test("robustJSONParse() says that the schema refused every reading", async () => {
  const error = await failureOf(robustJSONParse("{a: 1}", { schema: z.object({ b: z.string() }) }));
  assert.equal(error.code, "JSON_SCHEMA_MISMATCH");
  assert.deepEqual(error.partialValue, { a: 1 });
  assert.ok(error.cause);
});

Deno.test("robustJSONParse() accepts a cut reply only where it is allowed", async () => {
  assert.deepEqual(await robustJSONParse('{"a": [1'), { a: [1] });
  const schema = z.object({ a: z.array(z.number()) });
  assert.deepEqual(await robustJSONParse('{"a": [1', { schema }), { a: [1] });
  for (const options of [{ allowPartial: false }, { allowPartial: false, schema }]) {
    const error = await failureOf(robustJSONParse('{"a": [1', options));
    assert.equal(error.code, "JSON_TRUNCATED");
    assert.deepEqual(error.partialValue, { a: [1] });
  }
});

Deno.test("robustJSONParse() treats a schema that throws as one that refused", async () => {
  const schema = {
    safeParse: (): never => {
      throw new TypeError("bad schema");
    },
  };
  const error = await failureOf(robustJSONParse("{}", { schema }));
  assert.equal(error.code, "JSON_SCHEMA_MISMATCH");
  assert.ok(error.cause instanceof TypeError);
});

Deno.test("robustJSONParse() reports a failure with the sanitised text, its length and the error", async () => {
  const reports: JsonFailureReport[] = [];
  const text = `secret=hunter2 ${"x".repeat(900)}`;
  await failureOf(robustJSONParse(text, {
    onFailure: (report) => void reports.push(report),
    sanitise: (raw, { maxLength }) => raw.replace("hunter2", "[redacted]").slice(0, maxLength),
    clock,
  }));
  const [report] = reports;
  assert.equal(report?.textIs, "sanitised");
  assert.equal(report?.text.length, 500);
  assert.ok(report?.text.startsWith("secret=[redacted] x"));
  assert.equal(report?.textLength, text.length);
  assert.equal(report?.timestamp, "2026-01-02T03:04:05.000Z");
  assert.equal(report?.error.code, "JSON_INVALID");
});

Deno.test("robustJSONParse() masks the text of a report when it has no sanitiser, or one that fails", async () => {
  const reports: JsonRepairReport[] = [];
  const onRepair = (report: JsonRepairReport) => void reports.push(report);
  await robustJSONParse("{key: 'pässword1',}", { onRepair });
  await robustJSONParse("{key: 'pässword1',}", {
    onRepair,
    sanitise: () => {
      throw new Error("broken");
    },
  });
  for (const report of reports) {
    assert.equal(report.textIs, "masked");
    assert.equal(report.text, "{aaa: 'aaaaaaaa0',}");
  }
  assert.equal(reports.length, 2);
});

Deno.test("robustJSONParse() reports repairs and cuts, and nothing for valid JSON", async () => {
  const reports: JsonRepairReport[] = [];
  const onRepair = (report: JsonRepairReport) => void reports.push(report);
  await robustJSONParse('{"a": 1}', { onRepair });
  assert.equal(reports.length, 0);
  await robustJSONParse("{a: 1, b: 2, c: [", { onRepair });
  assert.equal(reports[0]?.complete, false);
  assert.equal(reports[0]?.level, "partial");
  assert.deepEqual(reports[0]?.repairCounts, { key_quoted: 3, closer_added: 2 });
});

Deno.test("robustJSONParse() is not disturbed by a port that throws or rejects", async () => {
  const onRepair = () => Promise.reject(new Error("down"));
  assert.deepEqual(await robustJSONParse("[1,]", { onRepair }), [1]);
  const onFailure = () => {
    throw new Error("down");
  };
  assert.equal((await failureOf(robustJSONParse("x", { onFailure }))).code, "JSON_INVALID");
});

Deno.test("robustJSONParse() cleans the excerpt of its error with the sanitiser", async () => {
  const sanitise = (text: string) => text.replaceAll("hunter2", "[redacted]");
  const error = await failureOf(robustJSONParse("password is hunter2", { sanitise }));
  assert.equal(error.excerpt, "password is [redacted]");
});
