/** What the gate over the configuration accepts and refuses. @module */

import { configGate } from "../../scripts/gates/config.ts";
import { accepts, refuses } from "../helpers/gateFixture.ts";

const CONFIG = `project_id = "demo" # a name
[api]
schemas = ["public", "graphql_public"]
[functions.heal]
entrypoint = "./functions/heal/index.ts"
import_map = "./functions/deno.json"
verify_jwt = false
`;

const PROJECT = {
  "supabase/config.toml": CONFIG,
  "supabase/functions/deno.json": `{ "lock": false }`,
  "supabase/functions/_shared/door.ts": "",
  "supabase/functions/heal/index.ts": "",
  "supabase/functions/heal/handler.ts": "",
};

Deno.test("configGate accepts functions that are listed as the platform wants them", async () => {
  await accepts(configGate, PROJECT);
});

Deno.test("configGate refuses what deploy would ignore or get wrong", async () => {
  const refused: [Record<string, string>, RegExp][] = [
    [
      { "supabase/config.toml": CONFIG.replace("functions.heal]", "functions.other]") },
      /does not list heal: add \[functions\.heal\]/,
    ],
    [
      { "supabase/config.toml": CONFIG.replace("heal/index", "heal/main") },
      /needs entrypoint = "\.\/functions\/heal\/index\.ts"/,
    ],
    [
      { "supabase/config.toml": CONFIG.replace("./functions/deno.json", "../deno.json") },
      /needs import_map = /,
    ],
    [{ "supabase/config.toml": CONFIG.replace("verify_jwt = false", "") }, /does not say verify_jwt/],
    [{ "supabase/config.toml": `${CONFIG}[cron.nightly]\n` }, /\[cron\] is ignored by the platform/],
    [{ "supabase/config.toml": `${CONFIG}oops\n` }, /config\.toml: cannot be read: .* 8: oops/],
    [{ "supabase/functions/deno.json": `{ "lock": false } // comment` }, /is not pure JSON/],
    [{ "supabase/functions/deno.json": "{}" }, /needs "lock": false/],
    [
      { "supabase/functions/deno.json": `{ "lock": false, "imports": {} }` },
      /has imports: pin the package inline/,
    ],
    [{ "supabase/functions/heal/deno.json": "{}" }, /heal\/deno\.json: would replace the shared settings/],
  ];
  for (const [change, pattern] of refused) await refuses(configGate, { ...PROJECT, ...change }, [pattern]);
});

Deno.test("configGate refuses a folder that is not a function", async () => {
  const listed =
    `${CONFIG}[functions.1st]\nentrypoint = "./functions/1st/index.ts"\nimport_map = "./functions/deno.json"\nverify_jwt = true\n`;
  await refuses(
    configGate,
    { ...PROJECT, "supabase/config.toml": listed, "supabase/functions/1st/index.ts": "" },
    [/functions\/1st: the platform refuses this name/, /functions\/1st: has no handler\.ts/],
  );
});
