import assert from "node:assert/strict";
import { assertProjectFiles } from "../../supabase/functions/_shared/core/projectPaths.ts";
import { templateFiles } from "../../supabase/functions/_shared/projectTemplates.ts";
import {
  generateMissingInfrastructure,
  validatePostGeneration,
} from "../../supabase/functions/_shared/qualityValidator.ts";

const KINDS = ["react-vite", "next", "vue", "svelte", "node", "static", "edge"];
const TITLES = [
  "",
  "Notes",
  "../../etc",
  "</title><script>",
  "`${process.exit()}`",
  "{{ x }} {y}",
  "'\"\\",
  "日本語 🚀",
  "x".repeat(500),
  "a\nb\u2028c\u0000",
];

Deno.test("templateFiles() makes a good project of each kind, whatever its title and its request are", async () => {
  for (const kind of KINDS) {
    for (const title of TITLES) {
      const files = templateFiles(kind, {
        title,
        request: title,
        migrationPath: "supabase/migrations/1_a.sql",
      })!;
      assertProjectFiles(files);
      const all = [...files, ...await generateMissingInfrastructure(files, kind, "App")];
      const { qualityScore, issues } = await validatePostGeneration(all, kind, "App");
      assert.deepEqual([kind, title, qualityScore, issues], [kind, title, 100, []]);
    }
  }
});

Deno.test("templateFiles() puts a title into pages as text, and into code as a text", () => {
  const order = { title: "</h1><script>alert(1)</script>", request: '${x} `y` "z"', migrationPath: "m.sql" };
  const page = templateFiles("static", order)!.find(({ path }) => path === "index.html")!.content;
  assert.ok(!page.includes("<script>alert"));
  const module = templateFiles("react-vite", order)!.find(({ path }) => path === "src/project.ts")!.content;
  assert.equal(
    module,
    `export const title = ${JSON.stringify(order.title)};\nexport const description = ${
      JSON.stringify(order.request)
    };\n`,
  );
});

Deno.test("templateFiles() has nothing for a kind that it does not know", () => {
  const order = { title: "a", request: "b", migrationPath: "m.sql" };
  for (const kind of ["cobol", "constructor", ""]) assert.equal(templateFiles(kind, order), undefined);
});
