/** What the gate over pages accepts and refuses. @module */

import { pagesGate } from "../../scripts/gates/pages.ts";
import { accepts, refuses } from "../helpers/gateFixture.ts";

const PROJECT = {
  "deno.json": JSON.stringify({
    tasks: { heal: "deno run scripts/heal.ts", bench: "deno run scripts/bench.ts" },
  }),
  "scripts/heal.ts": `const OPTIONS = ["--write"]; parseArgs({ options: { port: { type: "string" } } });`,
  "scripts/bench/retry.bench.ts": "export const manyCalls = 3;",
  "supabase/functions/_shared/retry.ts": "export function retryWithBackoff() {}",
  "supabase/migrations/1_add.sql": "create table healing_runs (); -- max_attempts",
  "docs/other.md": "# How it ends\n",
};

Deno.test("pagesGate accepts blocks that a test runs or that say why not, and what is there", async () => {
  await accepts(pagesGate, {
    ...PROJECT,
    "README.md": [
      "`retryWithBackoff(fn)`, `healing_runs`, `max_…`, `docs/other.md`, `_shared/retry.ts`, `scripts/`",
      "[ends](docs/other.md#how-it-ends), [out](https://example.com), `deno task heal --port 0`, `…_attempts`",
      "```ts\nretry();\n```\n```sql\nselect 1;\n```\n  ```json\n  {}\n  ```",
      "```sh\ndeno task heal --write # now\nnpx -y deno@2 task bench retry\n```",
      "<!-- not run: a picture -->\n\n```text\na -> b\n```",
    ].join("\n"),
  });
});

Deno.test("pagesGate refuses blocks that nothing runs", async () => {
  const refused: [string, RegExp][] = [
    ["```\na\n```", /^README\.md:2: no test runs a block without a language/],
    ["```html\n<p>\n```", /no test runs a block of html/],
    ["```json\n{\n```", /is no JSON/],
    ["<!-- not run: -->\n```text\na\n```", /no test runs a block of text/],
  ];
  for (const [text, pattern] of refused) {
    await refuses(pagesGate, { ...PROJECT, "README.md": text }, [pattern]);
  }
});

Deno.test("pagesGate refuses commands, options, files, names and links that are not there", async () => {
  const refused: [string, RegExp][] = [
    ["`deno task heel`", /README\.md:1: deno task heel: there is no task heel/],
    ["```sh\ndeno task heal --colour\n```", /README\.md:2: .* knows no --colour/],
    ["`deno task bench speed`", /there is no bench speed/],
    ["`deno run --allow-all scripts/gone.ts`", /there is no scripts\/gone\.ts/],
    ["see `docs/gone.md`", /there is no docs\/gone\.md/],
    ["see `scripts/gone/`", /there is no scripts\/gone/],
    ["`retryWithBackof()` heals", /nothing is called retryWithBackof /],
    ["the table `healing_walks`", /nothing is called healing_walks/],
    ["[gone](docs/gone.md)", /the link docs\/gone\.md leads nowhere/],
    ["[gone](docs/other.md#gone)", /the link docs\/other\.md#gone leads nowhere/],
  ];
  for (const [text, pattern] of refused) {
    await refuses(pagesGate, { ...PROJECT, "README.md": text }, [pattern]);
  }
});
