/** Broken projects are mended and then really built and started, with the tools that their authors use. */

import assert from "node:assert/strict";
import { applyAutoFixes } from "../../supabase/functions/_shared/autoFixEngine.ts";
import type { ProjectFile } from "../../supabase/functions/_shared/core/projectPaths.ts";
import { generateMissingInfrastructure } from "../../supabase/functions/_shared/qualityValidator.ts";
import { answers, install, run, writeProject } from "../helpers/builtProjects.ts";
import { brokenProject, readCorpus } from "../../scripts/lib/codeCorpus.ts";

/** The whole project of a corpus, with several of its files broken at once. */
async function brokenTogether(name: string, ids: readonly string[]): Promise<ProjectFile[]> {
  const [corpus] = await readCorpus([name]);
  let files = corpus!.base;
  for (const one of corpus!.cases.filter(({ id }) => ids.includes(id))) {
    files = brokenProject({ ...one, base: files });
  }
  return files;
}

Deno.test("a broken project of React is mended and built with Vite; so is one of which only a component is there", async (test) => {
  await test.step("five files are broken at once", async () => {
    const broken = await brokenTogether("react", [
      "react-006",
      "react-025",
      "react-035",
      "react-077",
      "react-084",
      "react-092",
    ]);
    const outcome = await applyAutoFixes(broken);
    assert.deepEqual(outcome.escalated, []);
    const folder = await writeProject(outcome.files);
    await install(folder);
    await run(folder, "npx", "vite", "build");
    assert.ok((await Deno.stat(`${folder}/dist/index.html`)).isFile);
    await Deno.remove(folder, { recursive: true });
  });
  await test.step("what is missing is made", async () => {
    const app = {
      path: "src/App.tsx",
      content:
        'import { useState } from "react";\n\nexport function App() {\n  const [n, setN] = useState(0);\n  return <button onClick={() => setN(n + 1)}>{n}</button>;\n}\n',
    };
    const folder = await writeProject([
      app,
      ...await generateMissingInfrastructure([app], "react", "Counter"),
    ]);
    await install(folder);
    await run(folder, "npx", "vite", "build");
    await Deno.remove(folder, { recursive: true });
  });
});

/** A component alone of each of the other frameworks that Vite builds. */
const ALONE: readonly { framework: string; files: ProjectFile[]; built: string }[] = [
  {
    framework: "vue",
    files: [{
      path: "src/components/Counter.vue",
      content:
        '<script setup lang="ts">\nimport { ref } from "vue";\n\nconst n = ref(0);\n</script>\n\n<template>\n  <button @click="n++">{{ n }}</button>\n</template>\n',
    }],
    built: "dist/index.html",
  },
  {
    framework: "svelte",
    files: [{
      path: "src/App.svelte",
      content: "<script>\n  let n = $state(0);\n</script>\n\n<button onclick={() => n++}>{n}</button>\n",
    }],
    built: "dist/index.html",
  },
  {
    framework: "sveltekit",
    files: [{ path: "src/routes/about/+page.svelte", content: "<h1>About</h1>\n" }],
    built: ".svelte-kit/output/client/.vite/manifest.json",
  },
];

for (const { framework, files, built } of ALONE) {
  Deno.test(`a project of ${framework} of which only a component is there is made whole and built with Vite`, async () => {
    const folder = await writeProject([
      ...files,
      ...await generateMissingInfrastructure(files, framework, "Counter"),
    ]);
    await install(folder);
    await run(folder, "npx", "vite", "build");
    assert.ok((await Deno.stat(`${folder}/${built}`)).isFile);
    await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("a broken server on Node is mended and answers; so does one that was made from nothing", async (test) => {
  await test.step("four files are broken at once", async () => {
    const broken = await brokenTogether("node", ["node-007", "node-009", "node-013", "node-016", "node-021"]);
    const outcome = await applyAutoFixes(broken);
    assert.deepEqual(outcome.escalated, []);
    await answers(outcome.files, "src/server.js", "/notes", 401);
  });
  await test.step("what is missing is made", async () => {
    const files = await generateMissingInfrastructure(
      [{ path: "src/empty.js", content: "export {};\n" }],
      "express",
      "Notes",
    );
    await answers(files, "src/index.js", "/health", 200);
  });
});
