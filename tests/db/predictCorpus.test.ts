import assert from "node:assert/strict";
import { readMigrationFolder } from "../../scripts/healPredict/readProject.ts";
import { print } from "../../scripts/lib/print.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { checkNeeds, nameOfNeed, needsOf } from "../../supabase/functions/_shared/predictiveHealing.ts";
import { schemaOf } from "../helpers/accessFixes.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { type PredictProject, predictProjects } from "../helpers/predictProjects.ts";

/** The needs of a project that a new database lacks. */
async function missingOf({ sources, options }: PredictProject, url: string): Promise<string[]> {
  const { needs, unread } = await needsOf(sources);
  assert.deepEqual(unread, []);
  const connection = await openDirectConnection(url);
  try {
    const checked = await connection.transaction((tx) => checkNeeds(tx, needs, options), { rollback: true });
    return checked.filter(({ state }) => state === "missing").map(({ subject }) => nameOfNeed(subject));
  } finally {
    await connection.close();
  }
}

Deno.test("needsOf() and checkNeeds() find what is planted in the corpus, call nothing healthy missing, and change nothing", async () => {
  await using database = await createTestDatabase({ migrated: false });
  const before = await schemaOf(database);
  const projects = await predictProjects();
  assert.ok(projects.length >= 40, `${projects.length} projects`);
  const planted = { found: 0, all: 0 };
  const problems: string[] = [];
  let beyond = 0;
  for (const project of projects) {
    const missing = await missingOf(project, database.url);
    const overlooked = project.missing.filter((name) => !missing.includes(name));
    planted.all += project.missing.length;
    planted.found += project.missing.length - overlooked.length;
    beyond += missing.length - (project.missing.length - overlooked.length);
    for (const name of overlooked) problems.push(`${project.name} overlooked: ${name}`);
    for (const name of missing.filter((name) => !project.missing.includes(name))) {
      problems.push(`${project.name} ${project.isHealthy ? "FALSE" : "beyond what is planted"}: ${name}`);
    }
    assert.equal(project.isHealthy, project.missing.length === 0, project.name);
  }
  const healthy = projects.filter(({ isHealthy }) => isHealthy).length;
  print(
    `predict corpus: ${projects.length} projects (${healthy} healthy), recall ${planted.found}/${planted.all}, ${beyond} beyond what is planted`,
  );
  for (const problem of problems) print(`  ${problem}`);
  assert.ok(planted.found / planted.all >= 0.9);
  assert.deepEqual(problems.filter((line) => line.includes("FALSE")), []);
  assert.equal(await schemaOf(database), before);
});

Deno.test("needsOf() of our own migrations names nothing that a project which has them lacks", async () => {
  await using database = await createTestDatabase();
  const migrations = await readMigrationFolder(
    new URL("../../supabase/migrations", import.meta.url).pathname,
  );
  const { needs, unread } = await needsOf({ migrations, functions: [], requirements: "" });
  assert.deepEqual(unread, []);
  const connection = await openDirectConnection(database.url);
  try {
    const checked = await connection.transaction((tx) => checkNeeds(tx, needs, {}), { rollback: true });
    const missing = checked.filter(({ state }) => state === "missing");
    assert.deepEqual(missing.map(({ subject }) => nameOfNeed(subject)), []);
  } finally {
    await connection.close();
  }
});
