import assert from "node:assert/strict";
import {
  type CorrectorDependencies,
  createHandler,
} from "../../supabase/functions/autonomous-corrector/handler.ts";
import { type Clock, systemClock } from "../../supabase/functions/_shared/core/clock.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import type { ProjectFile } from "../../supabase/functions/_shared/core/projectPaths.ts";
import { MACHINE_KEY, MACHINE_SETTINGS } from "../helpers/engineServer.ts";
import { createProjectStore, type ProjectStore } from "../../supabase/functions/_shared/projectStore.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { FakeClock } from "../helpers/fakeClock.ts";
import { manyComponents, processorMs, saveProject, storedFiles } from "../helpers/projects.ts";

interface CorrectorAnswer {
  code: string;
  applied: boolean;
  reason: string;
  revision?: string;
  files: ProjectFile[];
  fixes: { rule: string }[];
  escalated: { rule: string }[];
  validation: { passed: boolean; qualityScore: number | null; missingFiles: string[] };
  continue_from: number | null;
}

async function call(body: unknown, changes: Partial<CorrectorDependencies> = {}, key = MACHINE_KEY) {
  const handler = createHandler({
    settings: MACHINE_SETTINGS,
    db: { call: () => Promise.resolve([] as never) },
    logger: silentLogger,
    ...changes,
  });
  const answer = await handler(
    new Request("http://project.test/functions/v1/autonomous-corrector", {
      method: "POST",
      headers: { apikey: key },
      body: JSON.stringify(body),
    }),
  );
  return { status: answer.status, body: await answer.json() as CorrectorAnswer };
}

const PACKAGE = { path: "package.json", content: '{ "dependencies": { "react": "^19.0.0" } }\n' };
const broken = (name: string) => ({
  path: `src/${name}.tsx`,
  content: `export function ${name}() {\n  return <b>{useId()}</b>;\n}\n`,
});

Deno.test("autonomous-corrector answers with the corrected files and keeps nothing", async () => {
  const { status, body } = await call({ files: [PACKAGE, broken("A")], framework: "react", title: "Todo" });
  assert.equal(status, 200);
  assert.equal(body.files[0]!.content, `import { useId } from "react";\n\n${broken("A").content}`);
  assert.deepEqual([body.applied, body.continue_from, body.fixes[0]!.rule], [
    false,
    null,
    "missing-react-import",
  ]);
  assert.deepEqual([body.validation.passed, body.validation.missingFiles.includes("src/main.tsx")], [
    false,
    true,
  ]);
});

Deno.test("autonomous-corrector works in slices: 202, and on from where it ended, to the same result", async () => {
  const real = new FakeClock("2026-01-01T00:00:00Z");
  // Each look at the clock costs half a second, so that a slice holds a file or two.
  let now = 0;
  const clock: Clock = {
    now: () => real.now(),
    monotonic: () => (now += 500),
    sleep: (ms, signal) => real.sleep(ms, signal),
  };
  let files = [PACKAGE, ...["A", "B", "C", "D"].map(broken)];
  const whole = await call({ files });
  let from: number | null = 0;
  let slices = 0;
  while (from !== null && slices < 20) {
    const { status, body }: Awaited<ReturnType<typeof call>> = await call({ files, continue_from: from }, {
      clock,
    });
    assert.equal(status, body.continue_from === null ? 200 : 202);
    files = files.map((file) => body.files.find(({ path }) => path === file.path) ?? file);
    from = body.continue_from;
    slices++;
  }
  assert.ok(slices > 1);
  assert.deepEqual(files.slice(1), whole.body.files);
});

/** A database with a project, and the function on it. */
async function withProject(
  files: readonly ProjectFile[],
  work: (world: {
    id: string;
    database: TestDatabase;
    ask: (body: object, changes?: Partial<CorrectorDependencies>) => ReturnType<typeof call>;
  }) => Promise<void>,
): Promise<void> {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const id = await saveProject(database, { files });
  const own = { db: contract.rpc, store: createProjectStore(contract.rpc) };
  await work({ id, database, ask: (body, changes = {}) => call(body, { ...own, ...changes }) });
}

Deno.test("autonomous-corrector reads a large project in slices that fit into what the platform's processor allows", async () => {
  const files = [PACKAGE, ...manyComponents(600, 200)];
  let from: number | null = 0;
  let slices = 0;
  while (from !== null && slices < 100) {
    const before = processorMs();
    const { body }: Awaited<ReturnType<typeof call>> = await call({ files, continue_from: from });
    const used = processorMs() - before;
    assert.ok(used < 2_000, `a slice took ${used} ms of the processor`);
    from = body.continue_from;
    slices++;
  }
  assert.equal(from, null);
  assert.ok(slices > 1, `${slices} slices`);
});

Deno.test("autonomous-corrector reads a generated project, and saves its corrections only when it is asked to", async () => {
  await withProject([PACKAGE, broken("A")], async ({ id, database, ask }) => {
    const shown = await ask({ project_id: id });
    assert.deepEqual([shown.body.applied, shown.body.files.map(({ path }) => path)], [false, ["src/A.tsx"]]);
    assert.deepEqual((await storedFiles(database, id)).map(({ content }) => content), [
      PACKAGE.content,
      broken("A").content,
    ]);
    const { body } = await ask({ project_id: id, apply: true });
    assert.deepEqual([body.applied, body.revision !== shown.body.revision], [true, true]);
    const [, saved] = await storedFiles(database, id);
    assert.equal(saved!.content, `import { useId } from "react";\n\n${broken("A").content}`);
    assert.equal(saved!.original_content, broken("A").content);
    assert.deepEqual(
      await database.query(
        "select phase, fixes_applied from generation_quality_metrics where project_id = $1",
        [id],
      ),
      [{ phase: "healed", fixes_applied: 1 }],
    );
    assert.deepEqual((await ask({ project_id: id, apply: true })).body.reason, "nothing was changed");
  });
});

Deno.test("autonomous-corrector saves a project that took several slices at once, at their end", async () => {
  const names = ["A", "B", "C", "D"];
  await withProject([PACKAGE, ...names.map(broken)], async ({ id, database, ask }) => {
    let now = 0;
    const clock: Clock = { ...systemClock, monotonic: () => (now += 500) };
    let body: object = { project_id: id, apply: true };
    for (let slice = 0; slice < 20; slice++) {
      const answer = await ask(body, { clock });
      if (answer.body.continue_from === null) {
        assert.equal(answer.body.applied, true);
        break;
      }
      assert.equal(answer.body.applied, false);
      assert.equal(
        (await storedFiles(database, id)).filter((file) => file.original_content !== null).length,
        0,
      );
      const { files, revision, continue_from } = answer.body;
      body = { project_id: id, apply: true, files, revision, continue_from };
    }
    const stored = await storedFiles(database, id);
    assert.equal(stored.filter((file) => file.content.includes("import { useId }")).length, names.length);
  });
});

Deno.test("autonomous-corrector saves nothing of a project that somebody changes meanwhile", async () => {
  await withProject([PACKAGE, broken("A")], async ({ id, database, ask }) => {
    const { revision } = (await ask({ project_id: id })).body;
    await database.query("update generated_files set content = content || '\n' where path = 'package.json'");
    const behind = await ask({ project_id: id, apply: true, revision });
    assert.deepEqual([behind.status, behind.body.code], [409, "CONFLICT"]);
    const contract = await openContract(database);
    const store = createProjectStore(contract.rpc);
    const meddling: ProjectStore = {
      ...store,
      async save(projectId, correction) {
        await database.query("delete from generated_files where path = 'package.json'");
        return await store.save(projectId, correction);
      },
    };
    const beaten = await ask({ project_id: id, apply: true }, { store: meddling });
    await contract[Symbol.asyncDispose]();
    assert.deepEqual([beaten.status, beaten.body.code], [409, "CONFLICT"]);
    assert.equal((await storedFiles(database, id)).at(-1)!.content, broken("A").content);
  });
});

Deno.test("autonomous-corrector refuses files that a stored project does not have, and projects that are not there", async () => {
  await withProject([PACKAGE, broken("A")], async ({ id, ask }) => {
    const { revision } = (await ask({ project_id: id })).body;
    const refused: [object, string][] = [
      [{ project_id: crypto.randomUUID() }, "NOT_FOUND"],
      [{ project_id: "1" }, "BAD_REQUEST"],
      [{ project_id: id, files: [broken("A")] }, "BAD_REQUEST"],
      [{ project_id: id, files: [broken("B")], revision }, "BAD_REQUEST"],
      [{ project_id: id, files: [broken("A"), broken("A")], revision }, "BAD_REQUEST"],
      [{ project_id: id, revision: "other" }, "CONFLICT"],
    ];
    for (const [body, code] of refused) {
      assert.equal((await ask(body)).body.code, code, JSON.stringify(body).slice(0, 80));
    }
    assert.equal((await ask({ project_id: id }, { store: undefined })).body.code, "CONFIG_MISSING");
    assert.equal((await ask({ files: [PACKAGE, broken("A")], apply: true })).body.applied, false);
  });
});

Deno.test("autonomous-corrector refuses strangers, and what is no project, with a code", async () => {
  assert.equal((await call({ files: [PACKAGE] }, {}, "guess")).status, 401);
  const file = (path: string) => ({ files: [{ path, content: "" }] });
  const refused: [unknown, string][] = [
    [{}, "BAD_REQUEST"],
    [{ files: [] }, "BAD_REQUEST"],
    [file("../a.ts"), "BAD_REQUEST"],
    [file("/a.ts"), "BAD_REQUEST"],
    [file("a\0.ts"), "BAD_REQUEST"],
    [file("a\\b.ts"), "BAD_REQUEST"],
    [file("nul"), "BAD_REQUEST"],
    [{ files: [{ path: "a.ts", content: "" }, { path: "A.ts", content: "" }] }, "BAD_REQUEST"],
    [{ files: [PACKAGE], continue_from: 1 }, "BAD_REQUEST"],
    [{ files: [PACKAGE], framework: "cobol" }, "BAD_REQUEST"],
    [{ files: [PACKAGE], more: 1 }, "BAD_REQUEST"],
    [
      { files: Array.from({ length: 10_000 }, (_, index) => ({ path: `${index}.ts`, content: "" })) },
      "PAYLOAD_TOO_LARGE",
    ],
    [{ files: [{ path: "a.ts", content: "x".repeat(600_000) }] }, "PAYLOAD_TOO_LARGE"],
  ];
  for (const [body, code] of refused) {
    assert.equal((await call(body)).body.code, code, JSON.stringify(body).slice(0, 80));
  }
});
