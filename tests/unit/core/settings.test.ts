import assert from "node:assert/strict";
import { matchesAnySecret } from "../../../supabase/functions/_shared/core/secrets.ts";
import {
  endpointOf,
  readAiSettings,
  readSettings,
} from "../../../supabase/functions/_shared/core/settings.ts";

const read = (variables: Record<string, string>) => readSettings({ get: (name) => variables[name] });
const env = (variables: Record<string, string>) => ({ get: (name: string) => variables[name] });
const KEY = "sb_" + "secret_" + "0123456789abcdef";

Deno.test("readSettings() reads the platform's keys, old and new, the default first", () => {
  const settings = read({
    SUPABASE_URL: "http://localhost:54321/",
    SUPABASE_SECRET_KEYS: JSON.stringify({ other: `${KEY}-other`, default: KEY }),
    SUPABASE_SERVICE_ROLE_KEY: `${KEY}-legacy`,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: "public" }),
    CRON_SECRET: `${KEY}-cron`,
  });
  assert.equal(settings.url, "http://localhost:54321");
  assert.equal(settings.publishableKey, "public");
  assert.deepEqual(settings.secretKeys, [KEY, `${KEY}-other`, `${KEY}-legacy`]);
  assert.deepEqual(settings.machineKeys, [...settings.secretKeys, `${KEY}-cron`]);
});

Deno.test("readSettings() leaves out what is unset, empty, blank, short or no JSON", () => {
  for (
    const value of [
      "",
      " ",
      "                 ",
      "short",
      "null",
      "{",
      "[1]",
      '{"default": 1}',
      '{"default": ""}',
    ]
  ) {
    const settings = read({
      SUPABASE_SECRET_KEYS: value,
      SUPABASE_SERVICE_ROLE_KEY: value,
      CRON_SECRET: value,
    });
    assert.deepEqual(settings.machineKeys.filter((key) => key.trim().length < 16), [], value);
  }
  assert.deepEqual(read({}).machineKeys, []);
});

Deno.test("matchesAnySecret() matches a secret itself and never nothing", async () => {
  assert.equal(await matchesAnySecret(KEY, ["x", KEY]), true);
  assert.equal(await matchesAnySecret(`${KEY} `, [KEY]), false);
  for (const candidate of ["", null, undefined]) {
    assert.equal(await matchesAnySecret(candidate, ["", KEY]), false);
    assert.equal(await matchesAnySecret(candidate, []), false);
  }
});

Deno.test("readAiSettings() reads the model and its fallbacks, each with its own key", () => {
  const { targets, problems } = readAiSettings(env({
    OPENAI_API_KEY: "sk-0123456789abcdef",
    OPENAI_BASE_URL: "https://models.example/v1/",
    OPENAI_MODEL: "first",
    OTHER_KEY: "key-0123456789abcdef",
    AI_FALLBACKS: JSON.stringify([
      "second",
      { model: "third", baseUrl: "http://localhost:11434/v1", keyName: "OTHER_KEY" },
    ]),
  }));
  assert.deepEqual(problems, []);
  assert.deepEqual(targets, [
    { model: "first", baseUrl: "https://models.example/v1", apiKey: "sk-0123456789abcdef" },
    { model: "second", baseUrl: "https://models.example/v1", apiKey: "sk-0123456789abcdef" },
    { model: "third", baseUrl: "http://localhost:11434/v1", apiKey: "key-0123456789abcdef" },
  ]);
});

Deno.test("readAiSettings() never sends a key where it was not meant to go, and says what it left out", () => {
  const base = { OPENAI_API_KEY: "sk-0123456789abcdef", OPENAI_MODEL: "first" };
  const left = (changes: Record<string, string>) => {
    const { targets, problems } = readAiSettings(env({ ...base, ...changes }));
    assert.ok(!problems.join().includes("0123456789"), problems.join());
    return [targets.length, problems.length];
  };
  assert.deepEqual(readAiSettings(env(base)).targets[0]!.baseUrl, "https://api.openai.com/v1");
  assert.deepEqual(left({ OPENAI_API_KEY: "short" }), [0, 1]);
  assert.deepEqual(left({ OPENAI_MODEL: "" }), [0, 1]);
  assert.deepEqual(left({ AI_FALLBACKS: '[{"model": "m", "baseUrl": "https://evil.example/v1"}]' }), [1, 1]);
  assert.deepEqual(
    left({ AI_FALLBACKS: '[{"model": "m", "baseUrl": "https://e.example", "keyName": "PATH;"}]' }),
    [1, 1],
  );
  for (
    const wrong of ["{", "3", "[3]", '[["m"]]', `["${"x".repeat(200)}"]`, JSON.stringify(Array(11).fill("m"))]
  ) {
    assert.deepEqual(left({ AI_FALLBACKS: wrong }), [1, 1], wrong);
  }
});

Deno.test("endpointOf() takes addresses that a key may go to, and no others", () => {
  for (
    const good of [
      "https://api.openai.com/v1",
      "http://127.0.0.1:1234/v1",
      "http://vllm:8000/v1",
      "http://10.1.2.3/v1",
      "http://[::1]:80/v1",
    ]
  ) {
    assert.equal(typeof endpointOf(good), "string", good);
  }
  const bad = [
    "http://api.openai.com/v1",
    "https://user:pass@models.example/v1",
    "https://models.example/v1?key=1",
    "https://models.example/v1#x",
    "http://169.254.169.254/latest",
    "http://10.evil.example/v1",
    "http://127.0.0.1.evil.example/v1",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "models.example/v1",
    "",
    `https://models.example/${"x".repeat(600)}`,
  ];
  for (const address of bad) assert.equal(endpointOf(address), undefined, address);
});
