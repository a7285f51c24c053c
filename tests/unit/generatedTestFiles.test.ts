import assert from "node:assert/strict";
import { type ast, parse } from "../../supabase/functions/_shared/babelParser.ts";
import {
  generateTestsForFiles,
  renderFailureTests,
} from "../../supabase/functions/_shared/autoTestGenerator.ts";
import { walk } from "../../supabase/functions/_shared/autoTestGenerator/project.ts";
import { HOSTILE_SANITIZER_PARTS } from "../helpers/hostileTexts.ts";

const HOSTILE = [
  '"); Deno.exit(0); ("',
  "'); process.exit(); ('",
  "`${Deno.exit(0)}`",
  '\\"); alert(1) //',
  "\n*/ Deno.exit(0) /*",
  "</script><script>alert(1)</script>",
  "\u2028Deno.exit(0)\u2029",
  "__proto__",
  "\u0000\ud800",
  ...HOSTILE_SANITIZER_PARTS,
];

/** Everything in a file that is called, by its text. */
function callsOf(code: string): Set<string> {
  const calls = new Set<string>();
  walk(parse(code, { sourceType: "module" }).program, (node) => {
    if (node.type === "CallExpression") calls.add(code.slice(node.callee.start!, node.callee.end!));
  });
  return calls;
}

function failureTest(text: string) {
  return {
    test_name: text,
    test_prompt: text,
    framework: text,
    target_function: text,
    request: { [text]: text, nested: [{ [text]: text }] },
    expected_behavior: { shouldNotFail: true, errorType: text, contains: [text] },
  };
}

Deno.test("renderFailureTests writes what a failure carried as data, and as nothing else", () => {
  const harmless = callsOf(renderFailureTests([failureTest("x")], "deno").code);
  for (const text of HOSTILE) {
    for (const runner of ["deno", "vitest"] as const) {
      const { code } = renderFailureTests([failureTest(text)], runner);
      assert.ok(
        callsOf(code).difference(
          runner === "deno" ? harmless : callsOf(renderFailureTests([failureTest("x")], runner).code),
        ).size === 0,
      );
      const [declared] = parse(code, { sourceType: "module" }).program.body.filter((
        node,
      ): node is ast.VariableDeclaration =>
        node.type === "VariableDeclaration" && code.slice(node.start!, node.end!).startsWith("const tests")
      );
      const { start, end } = declared!.declarations[0]!.init!;
      const [read] = new Function(`return ${code.slice(start!, end!)}`)();
      const {
        test_name,
        test_prompt: _prompt,
        framework: _framework,
        target_function,
        request,
        expected_behavior,
      } = failureTest(text);
      assert.deepEqual(read, {
        name: test_name,
        target: target_function,
        body: request,
        expected: expected_behavior,
      });
      assert.ok(!code.includes("</script"));
    }
  }
});

Deno.test("generateTestsForFiles makes no code of names, keys, literals and paths of a project", async () => {
  for (const text of HOSTILE) {
    const content = `
      export interface Given { ${JSON.stringify(text)}: string; kind: ${JSON.stringify(text)} }
      export function taken(given: Given, other: ${JSON.stringify(text)}) { return [given, other]; }
      const inner = 1;
      export { inner as ${JSON.stringify(text.isWellFormed() ? text : "x")} };`;
    const { files } = await generateTestsForFiles(
      [{ path: `src/${text.replaceAll(/[/\\\0]|\.\./g, "_")}.ts`, content }],
      "deno",
      "",
    );
    for (const { path, code } of files.slice(1)) {
      const strange = [...callsOf(code)].filter((call) =>
        !/^(?:test|Deno\.test|assert\.deepEqual|outcomeOf|valueOf|import)$/.test(call)
      );
      assert.deepEqual(strange, [], `${path}\n${code}`);
    }
  }
});

Deno.test("generateTestsForFiles gives parameters what their types state", async () => {
  const { files } = await generateTestsForFiles(
    [
      {
        path: "src/a.ts",
        content: `import type { Item } from "./b";
        type Size = "small" | "large";
        export function pack(items: Item[], size: Size, gift?: boolean): number { return items.length; }`,
      },
      { path: "src/b.ts", content: "export interface Item { name: string; price: number; made: Date }" },
    ],
    "react",
    "",
  );
  const code = files.at(-1)!.code;
  assert.match(code, /import \{ test \} from "vitest"/);
  assert.match(
    code,
    /\["name"\]: "Some name 1", \["price"\]: 8, \["made"\]: new Date\("2024-02-29T12:30:00Z"\)/,
  );
  assert.match(code, /"large"/);
  assert.match(code, /, true\]/);
});

Deno.test("generateTestsForFiles does not call what reaches the machine, and says what it left out", async () => {
  const { files, tests, skipped } = await generateTestsForFiles(
    [
      {
        path: "src/wipe.ts",
        content:
          'import { rm } from "node:fs/promises"; export const wipe = (path: string) => rm(path, { recursive: true });',
      },
      { path: "src/broken.ts", content: "export function (" },
      { path: "src/empty.ts", content: "" },
      { path: "src/huge.ts", content: `export const a = 1; // ${"x".repeat(600_000)}` },
    ],
    "node",
    "",
  );
  assert.deepEqual([files, tests], [[], 0]);
  assert.deepEqual(skipped.map(({ path }) => path), [
    "src/wipe.ts",
    "src/broken.ts",
    "src/empty.ts",
    "src/huge.ts",
  ]);
});

Deno.test("generateTestsForFiles refuses paths that leave the project and more files than it can read, with a code", async () => {
  for (const path of ["../a.ts", "/etc/a.ts", "a\\b.ts", "a\0.ts", "src/../../a.ts"]) {
    await assert.rejects(generateTestsForFiles([{ path, content: "" }], "deno", ""), { code: "BAD_REQUEST" });
  }
  const many = Array.from({ length: 2_001 }, (_, i) => ({ path: `${i}.ts`, content: "" }));
  await assert.rejects(generateTestsForFiles(many, "deno", ""), { code: "PAYLOAD_TOO_LARGE" });
});
