/** What the gates over words and the lock file accept and refuse. @module */

import { lockedGate } from "../../scripts/gates/locked.ts";
import { wordsGate } from "../../scripts/gates/words.ts";
import { accepts, refuses } from "../helpers/gateFixture.ts";

Deno.test("wordsGate accepts what a project may say", async () => {
  await accepts(wordsGate, {
    "README.md": "A session of Postgres, an agent, /tmp/spool.jsonl, npm, http://127.0.0.1:54321",
  });
});

Deno.test("wordsGate refuses registries, paths of one machine and words about who typed", async () => {
  const refused: [string, RegExp][] = [
    ["https://registry.n" + "pmjs.org/pg", /README\.md:2: names a package registry's host/],
    ["see /ro" + "ot/project", /names a path of one machine/],
    ["/wo" + "rk/main/x.ts", /names a path of one machine/],
    ["deno-" + "dev test", /names a private copy of Deno/],
    ["Co-Authored" + "-By: somebody", /says who or what typed it/],
  ];
  for (const [text, pattern] of refused) await refuses(wordsGate, { "README.md": `# A\n${text}` }, [pattern]);
});

Deno.test("wordsGate refuses another package manager's lock file", async () => {
  await refuses(wordsGate, { "dashboard/package-lock.json": "{}" }, [/names registry hosts: delete it/]);
});

const CODE = { "scripts/a.ts": `import "npm:pg@8.23.1/lib/x.js";` };
const LOCK = {
  version: "5",
  specifiers: { "npm:pg@8.23.1": "8.23.1" },
  npm: { "pg@8.23.1": { integrity: "sha512-abc" } },
};

function lock(changes: Partial<Record<keyof typeof LOCK, unknown>>): Record<string, string> {
  return { "deno.lock": JSON.stringify({ ...LOCK, ...changes }) };
}

Deno.test("lockedGate accepts a lock that holds exactly what is imported", async () => {
  await accepts(lockedGate, { ...CODE, ...lock({}) });
});

Deno.test("lockedGate refuses a lock that misses, keeps or leaves unproved a package, or names a host", async () => {
  await refuses(lockedGate, CODE, [/deno\.lock is missing/]);
  await refuses(lockedGate, { ...CODE, "deno.lock": "{" }, [/is not JSON/]);
  await refuses(lockedGate, { ...CODE, ...lock({ specifiers: {} }) }, [
    /^scripts\/a\.ts:1: npm:pg@8\.23\.1 is not in deno\.lock/,
  ]);
  await refuses(lockedGate, lock({}), [/holds npm:pg@8\.23\.1, which nothing imports/]);
  await refuses(lockedGate, { ...CODE, ...lock({ npm: { "pg@8.23.1": {} } }) }, [
    /has no checksum for pg@8\.23\.1/,
  ]);
  await refuses(lockedGate, { ...CODE, ...lock({ version: "https://example.com" }) }, [
    /deno\.lock:1: names a host/,
  ]);
});
