/** The code fixer took away what another file, a framework or a part that was left out used. */

import assert from "node:assert/strict";
import { applyAutoFixes } from "../../supabase/functions/_shared/autoFixEngine.ts";

const MANIFEST = {
  path: "package.json",
  content: '{ "dependencies": { "react": "^19.0.0", "next": "15.0.0" } }\n',
};

Deno.test("applyAutoFixes() exports a constant that another file imports, and does not remove it as unused", async () => {
  const days = { path: "src/days.ts", content: "const DAY_MS = 86_400_000;\n\nexport const WEEK = 7;\n" };
  const user = {
    path: "src/user.ts",
    content: 'import { DAY_MS, WEEK } from "./days";\n\nexport const ms = DAY_MS * WEEK;\n',
  };
  const outcome = await applyAutoFixes([MANIFEST, days, user]);
  assert.equal(outcome.files[1]!.content, `export ${days.content}`);
});

Deno.test("applyAutoFixes() exports what a framework looks for, and does not remove it as unused", async () => {
  const page = {
    path: "app/page.tsx",
    content: "const revalidate = 60;\n\nexport default function Page() {\n  return <p>Hi</p>;\n}\n",
  };
  const outcome = await applyAutoFixes([MANIFEST, page]);
  assert.equal(outcome.files[1]!.content, `export ${page.content}`);
});

Deno.test("applyAutoFixes() removes no import from a file whose code was left out", async () => {
  const file = {
    path: "src/Panel.tsx",
    content:
      'import { useState } from "react";\n\nexport function Panel() {\n  // ... rest of the code stays the same\n  return <p>Hi</p>;\n}\n',
  };
  const outcome = await applyAutoFixes([MANIFEST, file]);
  assert.deepEqual([outcome.changed, outcome.escalated.map(({ rule }) => rule)], [[], ["omitted-code"]]);
});

Deno.test("applyAutoFixes() keeps the indentation of the import that it puts another one before", async () => {
  const files = [
    { path: "package.json", content: '{ "devDependencies": { "svelte": "^5.0.0" } }\n' },
    { path: "src/lib/a.ts", content: "export const a = 1;\n" },
    {
      path: "src/Bar.svelte",
      content: '<script>\n  import { a } from "./lib/a";\n</script>\n\n<p transition:fly>{a}</p>\n',
    },
  ];
  const outcome = await applyAutoFixes(files);
  assert.equal(
    outcome.files[2]!.content,
    files[2]!.content.replace("  import {", '  import { fly } from "svelte/transition";\n  import {'),
  );
});
