/** What the gate over the layers accepts and refuses. @module */

import assert from "node:assert/strict";
import { createLayersGate } from "../../scripts/gates/layers.ts";
import type { Layer } from "../../scripts/layers.ts";
import { accepts, judge, refuses } from "../helpers/gateFixture.ts";

const SHARED = "supabase/functions/_shared";

function layer(name: string, doors: string[], ordered = false, budgetKb = 10): Layer {
  return { name, rule: "A layer.", ordered, budgetKb, doors };
}

const LAYERS = [
  layer("core", ["core/errors", "core/clock"], true),
  layer("kernels", ["parser", "classifier"]),
  layer("loops", ["engine"]),
];
const gate = createLayersGate(LAYERS);

const HOUSE = {
  [`${SHARED}/core/errors.ts`]: "/** Errors. @module */\nexport const errors = 1;",
  [`${SHARED}/core/clock.ts`]:
    `/** Time. @module */\nimport { errors } from "./errors.ts";\nexport { errors };`,
  [`${SHARED}/parser.ts`]: `/** Parses. @module */\nexport * from "./parser/read.ts";`,
  [`${SHARED}/parser/read.ts`]: `import { errors } from "../core/errors.ts";\nexport const read = errors;`,
  [`${SHARED}/classifier.ts`]: "/** Classifies. It is short. @module */\nexport const classify = 1;",
  [`${SHARED}/engine.ts`]:
    `/** Runs. @module */\nimport { read } from "./parser.ts";\nimport "npm:zod@4.6.7";\nexport const run = read;`,
  "supabase/functions/heal/index.ts":
    `import { run } from "../_shared/engine.ts";\nimport { handle } from "./handler.ts";\nhandle(run);`,
  "supabase/functions/heal/handler.ts": "export function handle(_run: number) {}",
};

/** The house with its module map, and what a test changes in it. */
async function house(changes: Record<string, string> = {}): Promise<Record<string, string>> {
  const files = { ...HOUSE, ...changes };
  const map = (await judge(gate, files, { write: true })).read(`${SHARED}/README.md`);
  return { ...files, [`${SHARED}/README.md`]: map ?? "" };
}

Deno.test("layersGate accepts a house that is built as listed", async () => {
  await accepts(gate, await house());
});

Deno.test("layersGate refuses imports upward, sideways and out of the library", async () => {
  await refuses(
    gate,
    await house({
      [`${SHARED}/core/clock.ts`]: `import { read } from "../parser.ts";\nexport { read };`,
      [`${SHARED}/classifier.ts`]:
        `import type { read } from "./parser.ts";\nexport type Read = typeof read;`,
      [`${SHARED}/parser/read.ts`]: `\nexport const read = await import("../../heal/handler.ts");`,
    }),
    [
      /core\/clock\.ts:1: imports \.\.\/parser\.ts, which is above it \(kernels over core\): declare a port/,
      /classifier\.ts:1: imports \.\/parser\.ts, which stands beside it in kernels/,
      /parser\/read\.ts:2: imports \.\.\/\.\.\/heal\/handler\.ts, which is outside _shared/,
    ],
  );
});

Deno.test("layersGate lets an ordered layer import what stands before it, and not what stands after", async () => {
  await refuses(
    gate,
    await house({
      [`${SHARED}/core/clock.ts`]: "export const clock = 1;",
      [`${SHARED}/core/errors.ts`]: `import { clock } from "./clock.ts";\nexport const errors = clock;`,
    }),
    [/core\/errors\.ts:1: imports \.\/clock\.ts, which stands beside it in core/],
  );
});

Deno.test("layersGate refuses a look behind a door, from the library and from a function", async () => {
  await refuses(
    gate,
    await house({
      [`${SHARED}/engine.ts`]: `import { read } from "./parser/read.ts";\nexport const run = read;`,
      "supabase/functions/heal/handler.ts":
        `import { read } from "../_shared/parser/read.ts";\nimport { other } from "../other/handler.ts";\nexport function handle() { return [read, other]; }`,
      "supabase/functions/other/handler.ts": "export const other = 1;",
    }),
    [
      /engine\.ts:1: .* behind the door parser: import supabase\/functions\/_shared\/parser\.ts/,
      /heal\/handler\.ts:1: .* behind the door parser/,
      /heal\/handler\.ts:2: .* belongs neither to it nor to _shared/,
    ],
  );
});

Deno.test("layersGate refuses a list that does not match the doors, and files that no door reaches", async () => {
  const files = await house({
    [`${SHARED}/extra.ts`]: "export {};",
    [`${SHARED}/parser/dead.ts`]: "export {};",
  });
  delete files[`${SHARED}/classifier.ts`];
  const { problems } = await judge(gate, files);
  assert.deepEqual(problems.slice(0, 3).map((problem) => problem.replaceAll(`${SHARED}/`, "")), [
    "scripts/layers.ts: lists classifier, but classifier.ts does not exist: take it out",
    "extra.ts: not in scripts/layers.ts: add it to its layer",
    "parser/dead.ts: no door reaches it: import it from parser.ts or delete it",
  ]);
});

Deno.test("layersGate refuses a door that loads more than its layer allows, but not what it loads later", async () => {
  const heavy = `export const heavy = "${"x".repeat(11_000)}";`;
  const eager = await house({ [`${SHARED}/parser/read.ts`]: heavy });
  const { problems } = await judge(gate, eager);
  assert.equal(problems.filter((problem) => problem.includes("10 kB: load what is heavy")).length, 2);

  await accepts(
    gate,
    await house({
      [`${SHARED}/parser.ts`]:
        `/** Parses. @module */\nexport const read = () => import("./parser/read.ts");`,
      [`${SHARED}/parser/read.ts`]: heavy,
    }),
  );
});

Deno.test("layersGate refuses a module map that tells of another house, and lets numbers drift a little", async () => {
  const files = await house();
  await accepts(gate, {
    ...files,
    [`${SHARED}/parser.ts`]: `${HOUSE[`${SHARED}/parser.ts`]}\n// ${"x".repeat(900)}`,
  });
  await refuses(
    gate,
    { ...files, [`${SHARED}/parser.ts`]: `${HOUSE[`${SHARED}/parser.ts`]}\n// ${"x".repeat(5_000)}` },
    [/README\.md is out of date .* deno task gates --write/],
  );
  await refuses(gate, { ...files, [`${SHARED}/README.md`]: "# Mine" }, [
    /the lines around the module map are gone/,
  ]);
});

Deno.test("layersGate writes a map with the sentence, the cost and the packages of each door", async () => {
  const { notes, read } = await judge(gate, HOUSE, { write: true });
  assert.match(
    read(`${SHARED}/README.md`)!,
    /\| loops +\| `engine` +\| Runs\. +\| 4 +\| 1 +\| zod +\|\n/,
  );
  assert.ok(notes.some((note) => /^kernels\tparser\t3 files\t\d+ B$/.test(note)), notes.join("\n"));
});
