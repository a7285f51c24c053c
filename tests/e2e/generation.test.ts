/** Projects are generated over HTTP by functions in processes of their own, which are ended in the middle of it. */

import assert from "node:assert/strict";
import { Client } from "../../supabase/functions/_shared/postgres.ts";
import { TEST_KEY } from "../helpers/aiClients.ts";
import { answers, install, run, writeProject } from "../helpers/builtProjects.ts";
import { builds, isPlan, type MegaAnswer, planOf, PROJECT, wantedIn } from "../helpers/megaMind.ts";
import { rateLimited, serverError } from "../helpers/openAiFailures.ts";
import { hangs, isCutAfter, isFiltered, refuses, says, saysJson } from "../helpers/openAiReplies.ts";
import { type Behaviour, startOpenAiServer } from "../helpers/openAiServer.ts";
import { openStack } from "../helpers/stack.ts";
import { waitFor } from "../helpers/waiting.ts";

const model = startOpenAiServer();
const { stack } = await openStack({
  functionRoots: undefined,
  secrets: { OPENAI_API_KEY: TEST_KEY, OPENAI_BASE_URL: model.url, OPENAI_MODEL: "test-model" },
});
Deno.test.afterAll(async () => {
  await stack.stop();
  await model[Symbol.asyncDispose]();
});

interface Answer {
  status: number;
  body: MegaAnswer;
}

async function call(name: string, init: RequestInit & { query?: string }): Promise<Answer> {
  const answer = await fetch(`${stack.url}/functions/v1/${name}${init.query ?? ""}`, {
    ...init,
    headers: { apikey: stack.keys.secret },
  });
  return { status: answer.status, body: await answer.json() };
}

function ask(body: object, name = "mega-mind-orchestrator"): Promise<Answer> {
  return call(name, { method: "POST", body: JSON.stringify(body) });
}

async function query<Row>(sql: string, values: unknown[] = []): Promise<Row[]> {
  const client = new Client({ connectionString: stack.dbUrl });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows as Row[];
  } finally {
    await client.end();
  }
}

/** The processes of a function that run now. */
async function processesOf(name: string): Promise<number[]> {
  const found: number[] = [];
  for await (const { name: pid } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const line = await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
    const parent = /\) \S+ (\d+)/.exec(await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => ""))?.[1];
    if (line.includes(`/${name}/`) && Number(parent) === Deno.pid) found.push(Number(pid));
  }
  return found;
}

Deno.test("a project is generated over HTTP by a model, under both names of the function, and can be polled", async () => {
  model.always(builds());
  const started = await ask({ request: "a list of notes", framework: "react", wait_seconds: 0 });
  assert.equal(started.status, 202);
  const { request_id: id } = started.body;
  const done = await call("mega-mind", { method: "GET", query: `?request_id=${id}&wait_seconds=60` });
  assert.deepEqual([done.status, done.body.status, done.body.quality.passed], [200, "completed", true]);
  const other = await ask({ request: "a list of notes", framework: "react", wait_seconds: 60 }, "mega-mind");
  assert.deepEqual([other.status, other.body.files.length], [200, done.body.files.length]);
  assert.notEqual(other.body.project_id, done.body.project_id);
});

Deno.test("a function that is killed between two checkpoints loses nothing: the schedule calls the next one", async () => {
  const asked: string[][] = [];
  const build = builds();
  model.always((request) => {
    if (isPlan(request)) return build(request);
    asked.push(wantedIn(request));
    return asked.length === 2 ? hangs()(request) : build(request);
  });
  const { body: { request_id: id } } = await ask({ request: "a list", framework: "react", wait_seconds: 0 });
  await waitFor("the second question for files", () => asked.length === 2, 30_000);
  const [pid] = await processesOf("mega-mind-orchestrator");
  assert.ok(pid !== undefined, "the function's process is found");
  Deno.kill(pid, "SIGKILL");
  await query(
    "update generation_requests set lease_expires_at = now() - interval '1 second', updated_at = now() - interval '1 minute' where id = $1",
    [id],
  );
  assert.equal(await stack.runJob("healing_generations"), true);
  assert.ok(await stack.drainNet() >= 1, "the dispatcher's call goes out");
  let last: Answer | undefined;
  await waitFor("the project", async () =>
    (last = await call("mega-mind-orchestrator", {
      method: "GET",
      query: `?request_id=${id}`,
    })).body.status === "completed", 60_000);
  assert.deepEqual(
    asked.slice(2).flat(),
    Object.keys(PROJECT).slice(4),
    "only what was missing is written again",
  );
  assert.equal(last!.body.claims, 2);
  const [counts] = await query<Record<string, number>>(
    `select (select count(*)::int from generated_projects where generation_request_id = $1) as projects,
       (select count(*)::int from generation_failures) as failures,
       (select count(*)::int from healing_private.generation_drafts where request_id = $1) as drafts`,
    [id],
  );
  assert.deepEqual(counts, { projects: 1, failures: 0, drafts: 0 });
});

/** What the model does for each request, by its first word: all of them are generated at once. */
const PATHS = Object.keys(PROJECT);
const PLAN = JSON.stringify(planOf(PATHS));
const CASES: Readonly<
  Record<string, { plan?: Behaviour; files?: Behaviour; end: [status: number, type: string | null] }>
> = {
  prose: {
    plan: says(`Of course! Here is the plan:\n\n\`\`\`json\n${PLAN}\n\`\`\`\nHave fun.`),
    end: [200, null],
  },
  cut: { plan: once(isCutAfter(PLAN.slice(0, 150)), says(PLAN)), end: [200, null] },
  shape: { plan: once(saysJson({ steps: [] }), says(PLAN)), end: [200, null] },
  busy: { plan: once(rateLimited({ retryAfterS: 0 }), says(PLAN)), end: [200, null] },
  broken: { plan: once(serverError(), says(PLAN)), end: [200, null] },
  garbage: { plan: says("I would rather talk about the weather."), end: [422, "json_invalid"] },
  wrong: { plan: saysJson({ steps: [] }), end: [422, "json_schema_mismatch"] },
  refusal: { plan: refuses("I cannot help with that."), end: [403, "model_refused"] },
  filtered: { files: isFiltered(), end: [403, "model_refused"] },
  outside: { plan: saysJson(planOf(["src/App.tsx", "../../etc/passwd"])), end: [400, "path_refused"] },
  absolute: {
    files: saysJson({ files: [{ path: "/etc/passwd", content: "x" }] }),
    end: [400, "path_refused"],
  },
  reserved: { plan: saysJson(planOf(["src/con.ts"])), end: [400, "path_refused"] },
  nul: { files: saysJson({ files: [{ path: "src/a\u0000.ts", content: "x" }] }), end: [400, "path_refused"] },
  many: {
    plan: saysJson(planOf(Array.from({ length: 10_000 }, (_, index) => `src/${index}.ts`))),
    end: [413, "project_too_large"],
  },
  huge: {
    files: saysJson({ files: [{ path: "src/App.tsx", content: "x".repeat(300_000) }] }),
    end: [413, "project_too_large"],
  },
  silent: { files: saysJson({ files: [] }), end: [422, "files_missing"] },
};

/** One behaviour for the first request, another for the others. */
function once(first: Behaviour, then: Behaviour): Behaviour {
  let isFirst = true;
  return (request) => {
    const behave = isFirst ? first : then;
    isFirst = false;
    return behave(request);
  };
}

Deno.test("whatever a model does, a generation over HTTP ends as a saved project or as one recorded failure", async () => {
  const build = builds();
  model.always((request) => {
    const said = request.body.messages.map(({ content }) => content).join("\n");
    const name = /case (\w+)/.exec(said)![1]!;
    const { plan, files } = CASES[name]!;
    return (isPlan(request) ? plan ?? says(PLAN) : files ?? build)(request);
  });
  const ends = await Promise.all(
    Object.keys(CASES).map(async (name) => {
      const wish = { request: `case ${name}`, framework: "react", wait_seconds: 90, user_id: name };
      const { status, body } = await ask(wish);
      return [name, status, body.error_type ?? null];
    }),
  );
  assert.deepEqual(ends, Object.entries(CASES).map(([name, { end }]) => [name, ...end]));
});

Deno.test("a model that never answers ends a generation at its limit, with its failure recorded", async () => {
  model.always(hangs());
  await query("update healing_settings set wanted = '3' where key = 'generation_seconds'");
  try {
    const startedAt = performance.now();
    const { status, body } = await ask({ request: "a list", framework: "react", wait_seconds: 60 });
    assert.ok(performance.now() - startedAt < 20_000);
    assert.deepEqual([status, body.code, body.error_type], [504, "TIMEOUT", "generation_timeout"]);
    const rows = await query(
      "select error_type, failure_category from generation_failures where details ->> 'request_id' = $1",
      [body.request_id],
    );
    assert.deepEqual(rows, [{ error_type: "generation_timeout", failure_category: "timeout" }]);
  } finally {
    await query("update healing_settings set wanted = '300' where key = 'generation_seconds'");
  }
});

Deno.test("no generation of this file was saved by half, ended without a word, or went past its limit", async () => {
  const [row] = await query<Record<string, number>>(`
    select count(*) filter (where status not in ('completed', 'failed'))::int as open,
      count(*) filter (where finished_at > deadline_at + interval '2 seconds')::int as late,
      count(*) filter (where (status = 'completed') <> exists (select from generated_projects as p where p.id = r.project_id
        and p.file_count > 0 and p.file_count = (select count(*) from generated_files as f where f.project_id = p.id)
        and exists (select from generation_quality_metrics as m where m.project_id = p.id)))::int as halves,
      count(*) filter (where (status = 'failed') <> (generation_failure_id is not null))::int as unrecorded,
      (select count(*)::int from generation_failures) - count(*) filter (where status = 'failed')::int as odd,
      count(*)::int > 15 as enough
    from generation_requests as r`);
  assert.deepEqual(row, { open: 0, late: 0, halves: 0, unrecorded: 0, odd: 0, enough: true });
});

Deno.test("the template of each framework is generated over HTTP and really built or started", async (test) => {
  const generate = async (framework: string) => {
    const { status, body } = await ask({
      request: 'a list of "books" </script> {x}',
      framework,
      mode: "template",
    });
    assert.deepEqual([status, body.quality.qualityScore, body.quality.missingFiles], [200, 100, []]);
    return body.files;
  };
  for (const framework of ["react", "vue", "svelte"]) {
    await test.step(framework, async () => {
      const folder = await writeProject(await generate(framework));
      await install(folder);
      await run(folder, "npx", "vite", "build");
      if (framework === "react") await run(folder, "npx", "tsc", "--noEmit");
      assert.ok((await Deno.stat(`${folder}/dist/index.html`)).isFile);
      await Deno.remove(folder, { recursive: true });
    });
  }
  await test.step("node", async () => {
    await answers(await generate("node"), "src/index.js", "/items", 200);
  });
  await test.step("edge", async () => {
    const files = await generate("edge");
    const folder = await writeProject(files);
    const entry = files.find(({ path }) => path.endsWith("/index.ts"))!.path;
    await run(folder, Deno.execPath(), "check", "--no-lock", "--no-config", entry);
    await Deno.remove(folder, { recursive: true });
  });
  // It takes minutes: its packages are ten times those of the others.
  await test.step({
    name: "next",
    ignore: Deno.env.get("SLOW_BUILDS") !== "1",
    fn: async () => {
      const folder = await writeProject(await generate("next"));
      await install(folder);
      await run(folder, "npx", "next", "build");
      await Deno.remove(folder, { recursive: true });
    },
  });
});
