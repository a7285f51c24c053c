import assert from "node:assert/strict";
import { builds, isPlan, type MegaMind, planOf, PROJECT, saved, serveMegaMind } from "../helpers/megaMind.ts";
import { contextLength, rateLimited, serverError, wrongKey } from "../helpers/openAiFailures.ts";
import {
  hasNoChoices,
  isCutAfter,
  isFiltered,
  refuses,
  says,
  saysJson,
  sends,
} from "../helpers/openAiReplies.ts";
import type { Behaviour } from "../helpers/openAiServer.ts";

const NOTHING = { projects: 0, files: 0, metrics: 0 };

/** A model that plans with one behaviour and writes with another. */
function first(plan: Behaviour, files: Behaviour = builds()): Behaviour {
  return (request) => isPlan(request) ? plan(request) : files(request);
}

function files(list: { path: string; content: string }[]): Behaviour {
  return first(saysJson(planOf(Object.keys(PROJECT))), saysJson({ files: list }));
}

/** What the failure is called, with what stands in the tables: nothing of a project, one failure with its kind. */
async function failureOf(mega: MegaMind): Promise<Record<string, unknown>> {
  const { status, body } = await mega.ask({
    request: "a list of notes",
    framework: "react",
    wait_seconds: 90,
  });
  assert.deepEqual(await saved(mega.database), NOTHING);
  const [row, ...more] = await mega.database.query<
    { failure_category: string; severity: string; stage: string }
  >(
    "select failure_category, severity, details ->> 'stage' as stage, user_request from generation_failures",
  );
  assert.deepEqual(more, [], "one failure a generation");
  const [request] = await mega.database.query<{ status: string }>("select status from generation_requests");
  assert.equal(request!.status, "failed");
  return {
    status,
    code: body.code,
    type: body.error_type,
    category: row!.failure_category,
    severity: row!.severity,
  };
}

const TOO_MANY = Array.from({ length: 10_000 }, (_, index) => `src/file${index}.ts`);
const HOSTILE_PATHS = [
  "../outside.ts",
  "src/../../etc/passwd",
  "/etc/passwd",
  "~/.ssh/id_rsa",
  "C:\\Windows\\x.ts",
  "src\\App.tsx",
  "src/nul\u0000.ts",
  "src/CON.ts",
  "aux",
  ".git/hooks/pre-commit",
  "src//App.tsx",
  "src/./App.tsx",
  "",
  "src/App.tsx ",
  `src/${"a".repeat(300)}.ts`,
];

type Expected = [status: number, code: string, type: string, category: string, severity: string];

const FAILURES: [string, Behaviour, Expected][] = [
  ["a plan that was cut before its first file", first(isCutAfter('{"title": "No')), [
    422,
    "JSON_TRUNCATED",
    "json_truncated",
    "model_reply",
    "medium",
  ]],
  ["a plan in prose without a value", first(says("I would begin with a list.")), [
    422,
    "JSON_INVALID",
    "json_invalid",
    "model_reply",
    "medium",
  ]],
  ["a plan of another shape", first(saysJson({ steps: ["one"] })), [
    422,
    "JSON_SCHEMA_MISMATCH",
    "json_schema_mismatch",
    "model_reply",
    "medium",
  ]],
  ["an empty plan", first(saysJson(planOf([]))), [
    422,
    "JSON_SCHEMA_MISMATCH",
    "plan_empty",
    "model_reply",
    "medium",
  ]],
  ["a plan of 10,000 files", first(saysJson(planOf(TOO_MANY))), [
    413,
    "PAYLOAD_TOO_LARGE",
    "project_too_large",
    "hostile_reply",
    "high",
  ]],
  ["a refusal of the model", first(refuses("I cannot help with that.")), [
    403,
    "FORBIDDEN",
    "model_refused",
    "refusal",
    "low",
  ]],
  ["a reply that the filter holds back", first(saysJson(planOf(Object.keys(PROJECT))), isFiltered()), [
    403,
    "FORBIDDEN",
    "model_refused",
    "refusal",
    "low",
  ]],
  ["a model that answers 500 for ever", serverError(), [
    503,
    "UNAVAILABLE",
    "provider_error",
    "model",
    "high",
  ]],
  ["a model that answers 429 for ever", rateLimited(), [
    429,
    "RATE_LIMITED",
    "rate_limited",
    "model",
    "medium",
  ]],
  ["a wrong key", wrongKey(), [503, "CONFIG_MISSING", "auth_failed", "configuration", "high"]],
  ["a context that is too short", contextLength(), [
    413,
    "PAYLOAD_TOO_LARGE",
    "context_length",
    "generation",
    "medium",
  ]],
  ["answers without choices", hasNoChoices(), [503, "UNAVAILABLE", "invalid_reply", "model", "high"]],
  ["HTML of a proxy", sends(200, "<html>Welcome</html>"), [
    503,
    "UNAVAILABLE",
    "invalid_reply",
    "model",
    "high",
  ]],
  ["a file larger than a file may be", files([{ path: "src/App.tsx", content: "x".repeat(200_001) }]), [
    413,
    "PAYLOAD_TOO_LARGE",
    "project_too_large",
    "hostile_reply",
    "high",
  ]],
  ["a reply of 10,000 files", files(TOO_MANY.map((path) => ({ path, content: "1" }))), [
    413,
    "PAYLOAD_TOO_LARGE",
    "project_too_large",
    "hostile_reply",
    "high",
  ]],
  ["a file that is no text", files([{ path: "src/App.tsx", content: "a\u0000b" }]), [
    400,
    "BAD_REQUEST",
    "file_not_text",
    "hostile_reply",
    "high",
  ]],
  ["files that never come", files([]), [
    422,
    "JSON_SCHEMA_MISMATCH",
    "files_missing",
    "model_reply",
    "medium",
  ]],
  ["empty files", files(Object.keys(PROJECT).map((path) => ({ path, content: " \n" }))), [
    422,
    "JSON_SCHEMA_MISMATCH",
    "files_missing",
    "model_reply",
    "medium",
  ]],
  [
    "files that are cut whatever is asked",
    first(saysJson(planOf(["src/App.tsx"])), isCutAfter('{"files": [{"pa')),
    [
      422,
      "JSON_TRUNCATED",
      "file_truncated",
      "model_reply",
      "medium",
    ],
  ],
];

for (const [what, behaviour, [status, code, type, category, severity]] of FAILURES) {
  Deno.test(`a generation with ${what} ends as one recorded failure, and nothing of it is saved`, async () => {
    await using mega = await serveMegaMind();
    mega.model.always(behaviour);
    assert.deepEqual(await failureOf(mega), { status, code, type, category, severity });
  });
}

Deno.test("a generation refuses every path that leaves the project, in the plan and in the files, with a code", async () => {
  for (const path of HOSTILE_PATHS) {
    for (
      const behaviour of [first(saysJson(planOf(["src/App.tsx", path]))), files([{ path, content: "x" }])]
    ) {
      await using mega = await serveMegaMind();
      mega.model.always(behaviour);
      const failure = await failureOf(mega);
      assert.deepEqual([path, failure.status, failure.code, failure.type], [
        path,
        400,
        "BAD_REQUEST",
        "path_refused",
      ]);
    }
  }
});
