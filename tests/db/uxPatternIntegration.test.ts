import assert from "node:assert/strict";
import { createResilientDb } from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import {
  findUxPatterns,
  readUxPatterns,
  storeUxPatterns,
} from "../../supabase/functions/_shared/uxPatternIntegration.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { LONE_COMPONENT, saveProject } from "../helpers/projects.ts";
import { callerOf } from "../helpers/writers.ts";

const FILES = [
  {
    path: "src/Form.tsx",
    content:
      'export function Form({ busy }: { busy: boolean }) {\n  return (\n    <form>\n      <label htmlFor="a">Name</label>\n      <input id="a" required />\n      <Ui.SubmitButton disabled={busy} />\n      {busy && <p role="alert">{1 < 2}</p>}\n    </form>\n  );\n}\n',
  },
  {
    path: "src/Nav.vue",
    content:
      '<script setup>\nconst a = 1 < 2;\n</script>\n<template>\n  <nav><RouterLink to="/">Home</RouterLink></nav>\n  <img :src="a" alt="x">\n</template>\n',
  },
  { path: "src/broken.tsx", content: "export const x = <p>" },
];

Deno.test("findUxPatterns() reads scripts by their trees and pages by their marks", async () => {
  const found = await findUxPatterns(FILES);
  assert.deepEqual(found.map(({ key, occurrences }) => [key, occurrences]), [
    ["labelled-form", 1],
    ["guarded-submit", 1],
    ["required-fields", 1],
    ["error-message", 1],
    ["described-image", 1],
    ["navigation", 2],
  ]);
  assert.deepEqual(await findUxPatterns([]), []);
});

Deno.test("findUxPatterns() stands hostile markup in linear time", async () => {
  const texts = [
    "<a".repeat(50_000),
    `<p ${"x ".repeat(50_000)}`,
    "<p a='".repeat(20_000),
    "<>".repeat(50_000),
  ];
  const started = performance.now();
  await findUxPatterns(texts.map((content, index) => ({ path: `p${index}.html`, content })));
  assert.ok(performance.now() - started < 4_000);
});

Deno.test("storeUxPatterns() stores by resilientDb, once for each project and pattern", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const [good, poor] = [
    await saveProject(database, { files: [LONE_COMPONENT], score: 90 }),
    await saveProject(database, { files: [LONE_COMPONENT], score: 40 }),
  ];
  const db = createResilientDb(callerOf(database, "service_role"));
  const found = await findUxPatterns(FILES);
  for (let time = 0; time < 2; time++) {
    assert.deepEqual(await storeUxPatterns(db, { id: good, framework: "react" }, found), {
      saved: 6,
      waiting: 0,
      failed: 0,
    });
  }
  const forms = found.filter(({ category }) => category === "form");
  await storeUxPatterns(db, { id: poor, framework: "react" }, forms);
  const known = await readUxPatterns(contract.rpc, "react");
  assert.equal(known.length, 6);
  assert.deepEqual([known[0]!.quality, known[0]!.projects], [90, 1]);
  assert.deepEqual(known.filter(({ projects }) => projects === 2).map(({ quality }) => quality), [
    65,
    65,
    65,
  ]);
  assert.deepEqual(await readUxPatterns(contract.rpc, "vue"), []);
});

Deno.test("ux_patterns are written by no user, and read by admins alone", async () => {
  await using database = await createTestDatabase();
  const id = await saveProject(database, { files: [LONE_COMPONENT] });
  const found = (await findUxPatterns(FILES)).slice(0, 1);
  for (const role of ["anon", "authenticated"] as const) {
    const db = createResilientDb(callerOf(database, role));
    await assert.rejects(storeUxPatterns(db, { id, framework: "react" }, found));
  }
  const read = await database.asRole(
    "authenticated",
    {},
    (session) => session.query("select from ux_patterns"),
  );
  assert.deepEqual(read, []);
});
