import assert from "node:assert/strict";
import {
  type CorrectorDependencies,
  createHandler,
} from "../../supabase/functions/autonomous-corrector/handler.ts";
import type { Clock } from "../../supabase/functions/_shared/core/clock.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import type { ProjectFile } from "../../supabase/functions/_shared/core/projectPaths.ts";
import { MACHINE_KEY, MACHINE_SETTINGS } from "../helpers/engineServer.ts";
import { FakeClock } from "../helpers/fakeClock.ts";

interface CorrectorAnswer {
  code: string;
  applied: boolean;
  reason: string;
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

Deno.test("autonomous-corrector applies only what was asked for, to a store that is there, once all is done", async () => {
  const saved: ProjectFile[][] = [];
  const store = {
    save: (_id: string, files: readonly ProjectFile[]) => Promise.resolve(void saved.push([...files])),
  };
  const files = [PACKAGE, broken("A")];
  const project_id = crypto.randomUUID();
  assert.equal((await call({ files, apply: true, project_id })).body.applied, false);
  assert.equal((await call({ files, project_id }, { store })).body.applied, false);
  assert.equal((await call({ files, apply: true }, { store })).body.applied, false);
  assert.equal(saved.length, 0);
  assert.equal((await call({ files, apply: true, project_id }, { store })).body.applied, true);
  assert.deepEqual(saved.map((files) => files.map(({ path }) => path)), [["src/A.tsx"]]);
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
