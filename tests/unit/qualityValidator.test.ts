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

type Made = Map<string, string>;

async function madeFor(framework: string, ...files: [path: string, content: string][]): Promise<Made> {
  const given = files.map(([path, content]) => ({ path, content }));
  const made = await generateMissingInfrastructure(given, framework, "Notes & more");
  const report = await validatePostGeneration([...given, ...made], framework, "Notes & more");
  assert.deepEqual([report.missingFiles, report.issues], [[], []], framework);
  return new Map(made.map(({ path, content }) => [path, content]));
}

Deno.test("generateMissingInfrastructure() starts a Vue application with the router and the stores that it has", async () => {
  const made = await madeFor(
    "vue",
    [
      "src/router/index.ts",
      'import { createRouter, createWebHistory } from "vue-router";\n\nexport default createRouter({ history: createWebHistory(), routes: [] });\n',
    ],
    [
      "src/stores/notes.ts",
      'import { defineStore } from "pinia";\n\nexport const useNotes = defineStore("notes", () => ({}));\n',
    ],
  );
  assert.deepEqual([...made.keys()].sort(), [
    "index.html",
    "package.json",
    "src/App.vue",
    "src/main.ts",
    "tsconfig.json",
    "vite.config.ts",
  ]);
  assert.match(
    made.get("src/main.ts")!,
    /createApp\(App\)\.use\(createPinia\(\)\)\.use\(router\)\.mount\("#app"\)/,
  );
  assert.match(made.get("src/App.vue")!, /<RouterView \/>/);
  assert.deepEqual(Object.keys(JSON.parse(made.get("package.json")!).dependencies), [
    "pinia",
    "vue",
    "vue-router",
  ]);
});

Deno.test("generateMissingInfrastructure() gives plain Svelte its entry, and its kit the files of the kit", async () => {
  const plain = await madeFor("svelte", [
    "src/App.svelte",
    "<script>\n  let n = 0;\n</script>\n\n<p>{n}</p>\n",
  ]);
  assert.match(plain.get("src/main.js")!, /mount\(App, \{ target: document\.getElementById\("app"\) \}\)/);
  assert.ok(!plain.has("svelte.config.js") && plain.has("index.html"));
  const kit = await madeFor("sveltekit", ["src/routes/about/+page.svelte", "<h1>About</h1>\n"]);
  assert.deepEqual([...kit.keys()].sort(), [
    "package.json",
    "src/app.html",
    "src/routes/+page.svelte",
    "svelte.config.js",
    "vite.config.ts",
  ]);
  assert.doesNotMatch(kit.get("vite.config.ts")!, /alias/);
});

Deno.test("generateMissingInfrastructure() starts a server of Express with the routes that it has, in its own kind of modules", async () => {
  const esm = await madeFor("express", [
    "src/routes/user-notes.ts",
    'import { Router } from "express";\n\nconst router = Router();\n\nexport default router;\n',
  ]);
  assert.match(esm.get("src/index.ts")!, /import userNotesRoutes from "\.\/routes\/user-notes\.js";/);
  assert.match(esm.get("src/index.ts")!, /app\.use\("\/user-notes", userNotesRoutes\);/);
  const manifest = JSON.parse(esm.get("package.json")!);
  assert.deepEqual([manifest.type, manifest.scripts.build], ["module", "tsc"]);
  const common = await madeFor("express", [
    "lib/notes.js",
    'const { readFile } = require("node:fs/promises");\n\nmodule.exports = { read: () => readFile("notes.json") };\n',
  ]);
  assert.match([...common.values()].join("\n"), /require\("express"\)/);
  assert.equal(JSON.parse(common.get("package.json")!).type, undefined);
});

Deno.test("generateMissingInfrastructure() follows the router of Next that is there, and the folder that holds it", async () => {
  const app = await madeFor("next", ["src/app/globals.css", "body { margin: 0; }\n"], [
    "src/app/page.tsx",
    "export default function Page() {\n  return <p>Hi</p>;\n}\n",
  ]);
  assert.match(app.get("src/app/layout.tsx")!, /import "\.\/globals\.css";/);
  const pages = await madeFor("next", [
    "pages/about.tsx",
    "export default function About() {\n  return <p>Hi</p>;\n}\n",
  ]);
  assert.ok(pages.has("pages/index.tsx") && !pages.has("app/layout.tsx"));
});

Deno.test("generateMissingInfrastructure() makes a page that loads what a site has, and the entries of edge functions", async () => {
  const site = await madeFor("static", ["css/site.css", "body { margin: 0; }\n"], [
    "js/app.js",
    "export const a = 1;\n",
  ]);
  assert.match(site.get("index.html")!, /<link rel="stylesheet" href="css\/site\.css" \/>/);
  assert.match(site.get("index.html")!, /<script src="js\/app\.js" type="module"><\/script>/);
  const edge = await madeFor("supabase edge functions", [
    "supabase/functions/mail/send.ts",
    "export const send = () => 1;\n",
  ]);
  assert.deepEqual([...edge.keys()].sort(), ["supabase/config.toml", "supabase/functions/mail/index.ts"]);
});
