import assert from "node:assert/strict";
import {
  assertProjectFiles,
  pathProblem,
  PROJECT_LIMITS,
} from "../../../supabase/functions/_shared/core/projectPaths.ts";

const file = (path: string, content = "") => ({ path, content });

Deno.test("pathProblem() takes the paths of real projects", () => {
  const paths = [
    "src/App.tsx",
    "app/(shop)/[id]/page.tsx",
    "src/routes/+page.svelte",
    ".env.example",
    "pages/[...all].js",
    "Ünï/ß.css",
  ];
  for (const path of paths) assert.equal(pathProblem(path), null, path);
});

Deno.test("pathProblem() refuses what leaves the project or is no file on some system", () => {
  const paths = [
    "",
    "../x",
    "a/../../x",
    "a/..",
    "/etc/passwd",
    "~/x",
    "C:/x",
    "c:x",
    "a\\b",
    "..\\x",
    "a\0b",
    "a\nb",
    "a//b",
    "./a",
    "a/./b",
    "a/",
    "con",
    "a/NUL.txt",
    "src/com1.ts",
    "a/b.",
    "a/b ",
    "a/ b",
    ".git/config",
    ".GIT/hooks/x",
    "a<b",
    "a|b",
    "a?b",
    "a*b",
    'a"b',
    "a\ud800b",
    "x".repeat(201),
  ];
  for (const path of paths) assert.notEqual(pathProblem(path), null, JSON.stringify(path));
  assert.notEqual(pathProblem(undefined), null);
});

Deno.test("assertProjectFiles() refuses paths that are one file on many systems, and files where folders are", () => {
  const pairs = [["a.ts", "A.ts"], ["src/x.ts", "SRC/y.ts"], ["a", "a/b"], ["a/b", "a"], [
    "é.ts",
    "e\u0301.ts",
  ], ["x", "x"]];
  for (const [one, other] of pairs) {
    assert.throws(
      () => assertProjectFiles([file(one!), file(other!)]),
      { code: "BAD_REQUEST" },
      `${one} ${other}`,
    );
  }
  assertProjectFiles([file("src/a.ts"), file("src/b.ts"), file("src2/a.ts")]);
});

Deno.test("assertProjectFiles() refuses 10,000 files, a file and a project over their limits", () => {
  const many = Array.from({ length: 10_000 }, (_, index) => file(`f${index}.ts`));
  assert.throws(() => assertProjectFiles(many), { code: "PAYLOAD_TOO_LARGE" });
  assert.throws(() => assertProjectFiles([file("a.ts", "x".repeat(PROJECT_LIMITS.fileBytes + 1))]), {
    code: "PAYLOAD_TOO_LARGE",
  });
  // A sign may take three bytes: what counts is what is written.
  assert.throws(() => assertProjectFiles([file("a.ts", "€".repeat(200_000))]), { code: "PAYLOAD_TOO_LARGE" });
  const large = Array.from({ length: 50 }, (_, index) => file(`f${index}.ts`, "x".repeat(450_000)));
  assert.throws(() => assertProjectFiles(large), { code: "PAYLOAD_TOO_LARGE" });
});
