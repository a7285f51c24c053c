/** What the gate over packages and specifiers accepts and refuses. @module */

import { adaptersGate } from "../../scripts/gates/adapters.ts";
import { accepts, refuses } from "../helpers/gateFixture.ts";

const FILE = "supabase/functions/_shared/postgres.ts";

Deno.test("adaptersGate accepts one pinned package a file, relative paths and what is built in", async () => {
  await accepts(adaptersGate, {
    [FILE]:
      `// @ts-types="npm:@types/pg@8.23.1"\nimport pg from "npm:pg@8.23.1";\nimport a from "npm:pg@8.23.1/lib/a.js";\nimport "./x.ts";\nexport { pg, a };`,
    "supabase/functions/_shared/x.ts": `import { Buffer } from "node:buffer";\nexport { Buffer };`,
    "tests/a.test.ts": `const text = 'import "npm:left-pad"';\nexport { text };`,
    "scripts/run.ts":
      `const here = new URL("./x.sql", import.meta.url);\nconst later = await import(Deno.args[0]!);\nexport { here, later };`,
  });
});

Deno.test("adaptersGate refuses a package without an exact version", async () => {
  for (const specifier of ["npm:pg", "npm:pg@8", "npm:pg@^8.1.0", "npm:pg@latest", "npm:@types/pg@8.23"]) {
    await refuses(adaptersGate, { [FILE]: `import "${specifier}";` }, [/postgres\.ts:1: .* is not pinned/]);
  }
  await refuses(adaptersGate, { [FILE]: `// @ts-types="npm:@types/pg@8"\nimport "npm:pg@8.1.0";` }, [
    /ts:1: .* not pinned/,
  ]);
});

Deno.test("adaptersGate refuses a second door for a package, in scripts and tests as well", async () => {
  await refuses(
    adaptersGate,
    { [FILE]: `import "npm:pg@8.23.1";`, "tests/helpers/db.ts": `import "npm:pg@8.23.1";` },
    [/^pg enters at supabase\/functions\/_shared\/postgres\.ts, tests\/helpers\/db\.ts: keep one adapter/],
  );
});

Deno.test("adaptersGate refuses what the deploy does not follow", async () => {
  const refused: [string, RegExp][] = [
    [`import "jsr:@std/assert@1.0.0";`, /is not resolved on the platform/],
    [`import "https://example.com/x.ts";`, /is not resolved on the platform/],
    [`import "zod";`, /is not resolved on the platform/],
    [`import "./x";`, /has no extension/],
    [`export * from "../y.js";`, /has no extension/],
    [`export const load = (name: string) => import(name);`, /imports a computed path/],
    ["export const load = (name: string) => import(`./${name}.ts`);", /imports a computed path/],
    [`export const file = new URL("./x.txt", import.meta.url);`, /names a file that deploy does not upload/],
  ];
  for (const [text, pattern] of refused) await refuses(adaptersGate, { [FILE]: text }, [pattern]);
});

Deno.test("adaptersGate refuses other registries in scripts and tests", async () => {
  await refuses(adaptersGate, { "scripts/a.ts": `import "jsr:@std/fs@1.0.0";` }, [
    /a\.ts:1: .* comes from elsewhere/,
  ]);
});
