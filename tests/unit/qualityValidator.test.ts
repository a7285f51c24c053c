import assert from "node:assert/strict";
import {
  generateMissingInfrastructure,
  projectKindOf,
  validatePostGeneration,
} from "../../supabase/functions/_shared/qualityValidator.ts";

const COMPONENT = {
  path: "src/components/Hello.jsx",
  content: "export function Hello() {\n  return <p>Hello</p>;\n}\n",
};

for (
  const framework of [
    "React + Vite",
    "nextjs",
    "vue",
    "svelte",
    "express",
    "static html",
    "supabase edge functions",
  ]
) {
  Deno.test(`generateMissingInfrastructure() makes a project of ${framework} whole from nothing`, async () => {
    const files = await generateMissingInfrastructure([], framework, "My <first> {app} & more");
    const report = await validatePostGeneration(files, framework, "x");
    assert.deepEqual([report.passed, report.qualityScore, report.missingFiles, report.issues], [
      true,
      100,
      [],
      [],
    ]);
    assert.equal(new Set(files.map(({ path }) => path)).size, files.length);
    assert.deepEqual(await generateMissingInfrastructure(files, framework, "x"), []);
  });
}

Deno.test("generateMissingInfrastructure() never makes a file that is there, and lists the packages that the files import", async () => {
  const app = {
    path: "src/App.jsx",
    content:
      'import { useStore } from "zustand";\n\nexport function App() {\n  return <p>{useStore()}</p>;\n}\n',
  };
  const made = await generateMissingInfrastructure([app, COMPONENT], "react", "Todo");
  assert.ok(!made.some(({ path }) => path === app.path || path === COMPONENT.path));
  const entry = made.find(({ path }) => path === "src/main.jsx");
  assert.match(entry!.content, /import \{ App \} from "\.\/App"/);
  const manifest = JSON.parse(made.find(({ path }) => path === "package.json")!.content);
  assert.deepEqual(Object.keys(manifest.dependencies), ["react", "react-dom", "zustand"]);
  assert.equal(manifest.name, "todo");
});

Deno.test("generateMissingInfrastructure() never lists a package that nobody vouches for", async () => {
  const app = {
    path: "src/App.jsx",
    content: 'import x from "reactt-evil";\n\nexport default () => <p>{x}</p>;\n',
  };
  const made = await generateMissingInfrastructure([app], "react", "Todo");
  assert.ok(!made.some(({ content }) => content.includes("reactt-evil")));
});

Deno.test("validatePostGeneration() fails a project that misses its entry, and one whose code does not parse", async () => {
  const missing = await validatePostGeneration([COMPONENT], "react", "Todo");
  assert.equal(missing.passed, false);
  assert.deepEqual(missing.missingFiles, [
    "package.json",
    "index.html",
    "vite.config.js",
    "src/main.jsx",
    "src/App.jsx",
  ]);
  const whole = await generateMissingInfrastructure([COMPONENT], "react", "Todo");
  const broken = await validatePostGeneration(
    [...whole, { path: "src/bad.jsx", content: "export const x = if then;" }],
    "react",
    "x",
  );
  assert.deepEqual([broken.passed, broken.missingFiles, broken.issues[0]!.rule], [false, [], "syntax-error"]);
});

Deno.test("validatePostGeneration() gives nothing for nothing", async () => {
  const { passed, qualityScore } = await validatePostGeneration([], "vue", "x");
  assert.deepEqual([passed, qualityScore], [false, 0]);
});

Deno.test("projectKindOf() knows the words of requests, and refuses others with a code", () => {
  const words = {
    "React": "react-vite",
    "react-vite": "react-vite",
    "Next.js": "next",
    "Vue 3": "vue",
    "SvelteKit": "svelte",
    "Express.js": "node",
    "HTML/CSS/JS": "static",
    "supabase-edge": "edge",
  };
  for (const [word, kind] of Object.entries(words)) assert.equal(projectKindOf(word), kind, word);
  assert.throws(() => projectKindOf("cobol"), { code: "BAD_REQUEST" });
});
