/** What the gate over the style accepts and refuses. @module */

import assert from "node:assert/strict";
import { styleGate } from "../../scripts/gates/style.ts";
import { accepts, judge, refuses } from "../helpers/gateFixture.ts";

const FILE = "supabase/functions/_shared/door.ts";
// In two parts, so that this file passes the gate itself.
const OPEN_END = `// TO${"DO"}: later`;

function functionOf(lines: number): string {
  return `function long() {\n${"  step();\n".repeat(lines - 2)}}`;
}

Deno.test("styleGate accepts plain code, whatever its strings and comments say", async () => {
  await accepts(styleGate, {
    [FILE]:
      `// any console.log\nexport function f(text = "console.log(x as any)"): unknown {\n  return text;\n}\n`,
    "supabase/functions/_shared/core/logger.ts": "console.info(1);",
    "scripts/lib/print.ts": "console.log(1);",
    "tests/helpers/waiting.ts": "setTimeout(() => {}, 20);",
  });
});

Deno.test("styleGate refuses what the house does not write", async () => {
  const refused: [string, string, RegExp][] = [
    [FILE, "export let x: any;", /door\.ts:1: says any: .*\(any\)$/],
    [FILE, "export const x = [] as any[];", /\(any\)$/],
    [FILE, "\nconsole.error(1);", /door\.ts:2: .*\(console\)$/],
    ["tests/unit/a.test.ts", `globalThis.console["log"](1);`, /\(console\)$/],
    [FILE, "export default 1;", /\(default-export\)$/],
    [FILE, "export default function f() {}", /\(default-export\)$/],
    [FILE, "const a = 1;\nexport { a as default };", /door\.ts:2: .*\(default-export\)$/],
    [FILE, OPEN_END, /\(open-end\)$/],
    ["supabase/migrations/1.sql", `-- FIX${"ME"}`, /\(open-end\)$/],
    ["tests/unit/a.test.ts", "await new Promise((done) => setTimeout(done, 50));", /\(sleep\)$/],
    ["tests/unit/a.test.ts", "await systemClock.sleep(5);", /\(sleep\)$/],
    [FILE, "const run = () => 1;", /\(top-level-arrow\)$/],
    [FILE, "export const run = function () {};", /\(top-level-arrow\)$/],
    [
      FILE,
      functionOf(41),
      /door\.ts:1: is a function of 41 lines, and 40 is the most: name its parts \(long-function\)$/,
    ],
    [FILE, "export {};\n".repeat(301), /has 301 lines, and 300 is the most/],
    ["supabase/migrations/1.sql", "select 1;\n".repeat(401), /has 401 lines, and 400 is the most/],
  ];
  for (const [path, text, pattern] of refused) {
    // One function alone decides the 90th percentile, which is not the subject here.
    await refuses(styleGate, { [path]: text, "scripts/short.ts": `${functionOf(3)}\n`.repeat(20) }, [
      pattern,
    ]);
  }
});

Deno.test("styleGate accepts a long test and a generated file", async () => {
  await accepts(styleGate, {
    "tests/unit/a.test.ts": `Deno.test("x", () => {\n${"  step();\n".repeat(60)}});`,
    "supabase/functions/_shared/core/database.types.ts": "export type A = 1;\n".repeat(400),
    "tests/golden/schema.txt": "table\n".repeat(2_000),
  });
});

Deno.test("styleGate refuses a 90th percentile over 30 lines and reports the distribution", async () => {
  const { problems, notes } = await judge(styleGate, { [FILE]: [functionOf(35), functionOf(36)].join("\n") });
  assert.deepEqual(problems, [
    "The 90th percentile of function length is 36 lines, and 30 is the most: split the long ones",
  ]);
  assert.deepEqual(notes, ["2 functions: median 36 lines, 90th percentile 36, longest 36; 0 waived"]);
});

Deno.test("styleGate lets a line waive one rule with a reason, and counts it", async () => {
  const waived = "// style-ignore any: the package itself types it so\nexport let x: any;";
  const { problems, notes } = await judge(styleGate, { [FILE]: waived });
  assert.deepEqual(problems, []);
  assert.match(notes[0]!, /; 1 waived$/);
  await refuses(styleGate, { [FILE]: waived.replace("ignore any", "ignore sleep") }, [/\(any\)$/]);
  await refuses(styleGate, { [FILE]: waived.replace(/: the.*/, "") }, [/waives any without saying why/]);
});
