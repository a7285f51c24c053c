import assert from "node:assert/strict";
import { matchesAnySecret } from "../../../supabase/functions/_shared/core/secrets.ts";
import { readSettings } from "../../../supabase/functions/_shared/core/settings.ts";

const read = (variables: Record<string, string>) => readSettings({ get: (name) => variables[name] });
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
