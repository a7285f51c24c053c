/** Writes tests as files: what was recorded is compared, what could not be is at least asked. @module */

import { HARNESS_FILE } from "./harness.ts";
import type { Probe } from "./probes.ts";

/** Which tool runs the files. */
export type TestRunner = "deno" | "vitest";

/** What a probe came to, as the harness describes it. */
export type Outcome = { [key: string]: unknown };

/** A file to write beside a project. */
export interface TestFile {
  /** Relative to the project. */
  path: string;
  code: string;
}

/** The folder of the generated files. */
export const TEST_FOLDER = "generated_tests";

const HEADS: Record<TestRunner, string> = {
  deno:
    "const test = (name, work) => Deno.test({ name, fn: work, sanitizeOps: false, sanitizeResources: false });",
  vitest: 'import { test } from "vitest";',
};

/** Where the tests of a source file stand. */
export function testPathOf(source: string): string {
  return `${TEST_FOLDER}/${source.replaceAll("/", "__").replace(/\.[a-z]+$/, "")}.test.mjs`;
}

/** The test file of one source file. */
export function renderTests(
  source: string,
  probes: readonly Probe[],
  recorded: ReadonlyMap<string, Outcome> | undefined,
  runner: TestRunner,
): TestFile {
  const path = quote(`../${source}`);
  const served = probes.some(({ code }) => code.includes("(served,"));
  return {
    path: testPathOf(source),
    code: [
      `// ${
        recorded === undefined
          ? "Nothing was recorded: each test shows that a call comes to the same end twice."
          : "What is expected was recorded from a version that was good."
      }`,
      'import assert from "node:assert/strict";',
      HEADS[runner],
      `import { answerOf, methodOutcomeOf, outcomeOf, rendered, servedBy, valueOf } from "./${HARNESS_FILE}";`,
      "",
      served
        ? `const served = servedBy(() => import(${path}));\nconst subject = {};\nserved.catch(() => {});`
        : `const subject = await import(${path});`,
      "",
      ...probes.map((probe) => renderTest(probe, recorded?.get(probe.name))),
      "",
    ].join("\n"),
  };
}

function renderTest({ name, code }: Probe, recorded: Outcome | undefined): string {
  const expected = recorded === undefined ? `await ${code}` : quote(recorded);
  return `test(${quote(name)}, async () => {\n  assert.deepEqual(await ${code}, ${expected});\n});`;
}

/**
 * A value as source text. JSON is a part of the language, but for two things: `__proto__` as a key would set a prototype,
 * and text that closes a script would end an inlined file.
 */
export function quote(value: unknown): string {
  const text = JSON.stringify(value).replaceAll("<", "\\u003c").replaceAll("\u2028", "\\u2028").replaceAll(
    "\u2029",
    "\\u2029",
  );
  return typeof value === "string" ? text : text.replaceAll('"__proto__":', '["__proto__"]:');
}
