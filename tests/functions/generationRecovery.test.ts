import assert from "node:assert/strict";
import { createCodeModel } from "../../supabase/functions/_shared/autoFixEngine.ts";
import { clientOf } from "../helpers/aiClients.ts";
import { builds, isPlan, planOf, PROJECT, saved, serveMegaMind, wantedIn } from "../helpers/megaMind.ts";
import { rateLimited, serverError } from "../helpers/openAiFailures.ts";
import { hasNoChoices, isCutAfter, says, saysJson } from "../helpers/openAiReplies.ts";
import { type Behaviour, startOpenAiServer } from "../helpers/openAiServer.ts";

const SUCCESSES: [string, (build: Behaviour) => Behaviour[]][] = [
  ["prose around the plan", () => [
    says(
      `Sure! Here is the plan:\n\`\`\`json\n${JSON.stringify(planOf(Object.keys(PROJECT)))}\n\`\`\`\nEnjoy!`,
    ),
  ]],
  ["a plan with comments and trailing commas", () => [
    says(JSON.stringify(planOf(Object.keys(PROJECT))).replace("]", ",] // all of them")),
  ]],
  ["a plan that has to be asked for again", () => [saysJson({ plan: "later" })]],
  ["500, 429 and an answer without choices before each reply", () => [
    serverError(),
    rateLimited({ retryAfterS: 0 }),
    hasNoChoices(),
  ]],
];

for (const [what, begin] of SUCCESSES) {
  Deno.test(`a generation with ${what} ends as a saved project`, async () => {
    await using mega = await serveMegaMind();
    mega.model.answer(...begin(builds())).always(builds());
    const { status, body } = await mega.ask({
      request: "a list of notes",
      framework: "react",
      wait_seconds: 90,
    });
    assert.deepEqual(
      [status, body.status, body.quality?.passed],
      [200, "completed", true],
      JSON.stringify(body),
    );
    assert.deepEqual(await saved(mega.database), { projects: 1, files: 11, metrics: 1 });
    assert.deepEqual(await mega.database.query("select from generation_failures"), []);
  });
}

Deno.test("a generation goes on with a plan that was cut, part by part", async () => {
  await using mega = await serveMegaMind();
  const paths = Object.keys(PROJECT);
  const cut = JSON.stringify(planOf(paths)).split("src/App.tsx")[0]!;
  mega.model.answer(isCutAfter(cut), saysJson(planOf(paths.slice(1)))).always(builds());
  const { body } = await mega.ask({ request: "a list", framework: "react", wait_seconds: 90 });
  assert.equal(body.status, "completed", JSON.stringify(body));
  assert.ok(paths.every((path) => body.files.some((file) => file.path === path)));
  assert.match(
    mega.model.requests[1]!.body.messages.at(-1)!.content,
    /planned already[\s\S]*src\/lib\/format\.ts\nsrc\/components\/Title\.tsx$/,
  );
});

Deno.test("a generation keeps the whole files of a cut reply, and asks for the rest in smaller pieces", async () => {
  await using mega = await serveMegaMind();
  const asked: string[][] = [];
  const build = builds();
  mega.model.always((request) => {
    if (isPlan(request)) return build(request);
    const wanted = wantedIn(request);
    asked.push(wanted);
    const reply = JSON.stringify({ files: wanted.map((path) => ({ path, content: PROJECT[path] })) });
    return (asked.length === 1 ? isCutAfter(reply.slice(0, reply.length - 30)) : says(reply))(request);
  });
  const { body } = await mega.ask({ request: "a list", framework: "react", wait_seconds: 90 });
  assert.equal(body.status, "completed", JSON.stringify(body));
  const paths = Object.keys(PROJECT);
  assert.deepEqual(asked, [paths.slice(0, 4), paths.slice(3, 5), paths.slice(5)]);
  for (const [path, content] of Object.entries(PROJECT)) {
    assert.equal(body.files.find((file) => file.path === path)!.content, content);
  }
});

Deno.test("a generation has an only file that is cut gone on with where it ended", async () => {
  await using mega = await serveMegaMind();
  const text = JSON.stringify({ files: [{ path: "index.html", content: "<h1>Hello</h1>\n<p>there</p>\n" }] });
  mega.model.answer(
    saysJson(planOf(["index.html"])),
    isCutAfter(text.slice(0, 50)),
    isCutAfter(text.slice(50, 60)),
    says(text.slice(60)),
  );
  const { body } = await mega.ask({ request: "hello", framework: "static", wait_seconds: 90 });
  assert.equal(body.status, "completed", JSON.stringify(body));
  assert.equal(body.files[0]!.content, "<h1>Hello</h1>\n<p>there</p>\n");
});

Deno.test("a generation mends what the model got wrong by rules, and says so", async () => {
  await using mega = await serveMegaMind();
  const broken = {
    ...PROJECT,
    "src/App.tsx":
      'import { Title } from "./components/title";\n\nexport default function App() {\n  const [n, setN] = useState(0);\n  return <Title text={`${n}`} onClick={() => setN(n + 1)} />;\n}\n',
  };
  mega.model.always(builds(broken));
  const { body } = await mega.ask({ request: "a list", framework: "react", wait_seconds: 90 });
  assert.equal(body.status, "completed");
  assert.ok(body.quality.fixesApplied >= 2, JSON.stringify(body.quality));
  const app = body.files.find(({ path }) => path === "src/App.tsx")!.content;
  assert.match(app, /import \{ useState \} from "react"/);
  assert.match(app, /"\.\/components\/Title"/);
});

Deno.test("a generation whose code cannot be mended is saved with what is wrong with it", async () => {
  await using mega = await serveMegaMind();
  mega.model.always(builds({ ...PROJECT, "src/App.tsx": "export const x = if then;" }));
  const { status, body } = await mega.ask({ request: "a list", framework: "react", wait_seconds: 90 });
  assert.deepEqual([status, body.quality.passed], [200, false]);
  const [row] = await mega.database.query(
    "select p.validation_passed, m.error_count > 0 as broken from generation_quality_metrics as m join generated_projects as p on p.id = m.project_id",
  );
  assert.deepEqual(row, { validation_passed: false, broken: true });
});

Deno.test("a generation asks a model for what no rule can mend, and takes its edits only when they mend it", async () => {
  const model = startOpenAiServer();
  const client = clientOf([model]);
  await using mega = await serveMegaMind({ codeModel: createCodeModel({ model: client }) });
  const broken = "export const more = if then;\nexport const less = 2;\n";
  mega.model.always(builds({ ...PROJECT, "src/more.ts": broken }));
  model.answer(saysJson({ edits: [{ find: "less = 2", replace: "less = 3" }] }))
    .always(saysJson({ edits: [{ find: "if then", replace: "1" }] }));
  const { body } = await mega.ask({ request: "a list", framework: "react", wait_seconds: 90 });
  await model[Symbol.asyncDispose]();
  assert.deepEqual([body.status, body.quality.passed, body.quality.qualityScore], ["completed", true, 100]);
  assert.match(
    body.files.find(({ path }) => path === "src/more.ts")!.content,
    /more = 1;\nexport const less = 2;/,
  );
  const [row] = await mega.database.query(
    "select details -> 'by_model' as n from generation_quality_metrics",
  );
  assert.ok(Number(row!.n) >= 1);
});

const ODD_FILES: Readonly<Record<string, [path: string, content: string]>> = {
  "a manifest that is no JSON": ["package.json", "dependencies: react"],
  "a manifest that is a list": ["package.json", "[1, 2]"],
  "a manifest with odd parts": ["package.json", '{"dependencies": "react", "scripts": 5, "name": {}}'],
  "settings that are no JSON": ["tsconfig.json", "{ // nothing"],
  "endless brackets": ["src/more.ts", "(".repeat(150_000)],
  "endless blocks": ["src/more.ts", "{".repeat(150_000)],
  "endless templates": ["src/more.ts", "`${".repeat(40_000)],
  "one endless line": ["src/more.ts", `export const more = "${"x".repeat(190_000)}";`],
  "many names": [
    "src/more.ts",
    Array.from({ length: 8_000 }, (_, i) => `const a${i} = a${i + 1};`).join("\n"),
  ],
  "deep JSX": ["src/More.tsx", `export const More = () => ${"<p>".repeat(20_000)}`],
  "a page in a component": [
    "src/More.tsx",
    "<!doctype html><html><body><script>alert(1)</script></body></html>",
  ],
  "endless elements": ["public/x.html", "<div>".repeat(30_000)],
  "endless rules": ["src/x.css", "a{".repeat(60_000)],
  "deep JSON": ["src/x.json", "[".repeat(100_000)],
  "names of the prototype": [
    "src/more.ts",
    "export const __proto__ = 1;\nexport { constructor } from './toString';\n",
  ],
  "odd characters": ["src/more.ts", "export const more = '\u202e\u2028\ufeff';\u0001"],
};

for (const [what, [path, content]] of Object.entries(ODD_FILES)) {
  Deno.test(`a generation with ${what} ends within its slices`, async () => {
    await using mega = await serveMegaMind();
    mega.model.always(builds({ ...PROJECT, [path]: content }));
    const startedAt = performance.now();
    let { status, body } = await mega.ask({ request: "a list", framework: "react", wait_seconds: 30 });
    while (status === 202) {
      ({ status, body } = await mega.ask({ request_id: body.request_id, wait_seconds: 30 }));
    }
    assert.equal(status, 200, JSON.stringify(body).slice(0, 1_000));
    assert.ok(performance.now() - startedAt < 30_000, `${performance.now() - startedAt} ms`);
    assert.equal((await saved(mega.database)).projects, 1);
  });
}
