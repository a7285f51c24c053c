/** What of a project's code would fail without being healed, and what is rewritten. */

import assert from "node:assert/strict";
import { CHAT, check, CONFIG, rewritten } from "../helpers/installChecks.ts";
import { installFrom, sampleProject, SMALL_SOURCE } from "../helpers/installProjects.ts";

const WHOLE = `import OpenAI from "npm:openai@4.77.0";
import { createClient } from 'npm:@supabase/supabase-js@2.49.4';

const openai = new OpenAI();
// an odd    line stays as it is ;

Deno.serve(async (req: Request) => {
    const supabase = createClient(Deno.env.get("SUPABASE_URL")!, Deno.env.get("SUPABASE_SERVICE_ROLE_KEY")!);
    const { prompt } = await req.json();
    const reply = await openai.chat.completions.create({ model: "gpt-5", messages: [{ role: "user", content: prompt }] });
    const { error } = await supabase.from("messages").insert({ role: "user", content: prompt });
    if (error) throw error;
    return Response.json( reply.choices[0] );
});
`;

Deno.test("install --check --rewrite wraps a handler, a model's call and a checked write, and every other byte stays", async () => {
  assert.equal(
    await rewritten(WHOLE),
    WHOLE
      .replace(
        `supabase-js@2.49.4';\n`,
        `supabase-js@2.49.4';\nimport { withSelfHealing } from "../_shared/errorInterceptor.ts";\nimport { initializeEnterpriseInfrastructure } from "../_shared/universalIntegrationHelper.ts";\n`,
      )
      .replace("Deno.serve(async", "Deno.serve(withSelfHealing(async")
      .replace("\n});\n", '\n}, { functionName: "chat" }));\n')
      .replace(
        "    const supabase =",
        '    const { protectedAICall, resilientDb } = await initializeEnterpriseInfrastructure(req, { role: "service_role" });\n    const supabase =',
      )
      .replace(
        "openai.chat.completions.create({",
        "protectedAICall((signal) => openai.chat.completions.create({",
      )
      .replace("content: prompt }] });", "content: prompt }] }, { signal }));")
      .replace(
        /const \{ error \} = await supabase\.from\("messages"\)\.insert\((.*)\);\n.*\n/,
        'await resilientDb.insert("messages", $1);\n',
      ),
  );
});

Deno.test("install --check --rewrite keeps Windows' line ends, and a file's own quotes and semicolons", async () => {
  const windows = await rewritten(WHOLE.replaceAll("\n", "\r\n"));
  assert.equal(windows.replaceAll("\r\n", "").includes("\n"), false);
  assert.equal(windows.replaceAll("\r\n", "\n"), await rewritten(WHOLE));
  assert.equal(
    await rewritten(
      `import x from './x.ts'\n\nDeno.serve(handle)\n\nfunction handle() {\n  return new Response(x)\n}\n`,
    ),
    `import x from './x.ts'\nimport { withSelfHealing } from '../_shared/errorInterceptor.ts'\n\nDeno.serve(withSelfHealing(handle, { functionName: "chat" }))\n\nfunction handle() {\n  return new Response(x)\n}\n`,
  );
});

Deno.test("install --check --rewrite finds handlers in each of their forms", async () => {
  const forms: [string, string | null][] = [
    [
      "Deno.serve({ port: 1 }, () => new Response());\n",
      "Deno.serve({ port: 1 }, withSelfHealing(() => new Response(), {",
    ],
    [
      "Deno.serve({ handler: () => new Response() });\n",
      "Deno.serve({ handler: withSelfHealing(() => new Response(), {",
    ],
    [
      "export default { fetch: (r) => new Response(r.url) };\n",
      "export default { fetch: withSelfHealing((r) => new Response(r.url), {",
    ],
    [
      `import { serve } from "https://deno.land/std@0.168.0/http/server.ts";\nserve(() => new Response());\n`,
      "serve(withSelfHealing(() => new Response(), {",
    ],
    ["export default { fetch(r) { return new Response(r.url); } };\n", null],
    ["Deno.serve({ handler() { return new Response(); } });\n", null],
    ["Deno.serve(...handlers);\n", null],
  ];
  for (const [text, words] of forms) {
    const after = await rewritten(text);
    if (words === null) assert.equal(after, text);
    else assert.ok(after.includes(words), after);
  }
});

Deno.test("install --check takes a handler for wrapped wherever that was done", async () => {
  const own = `import { withSelfHealing } from "../_shared/errorInterceptor.ts";\n`;
  const found = await check({
    "supabase/functions/a/index.ts":
      `${own}Deno.serve(withSelfHealing(() => new Response(), { functionName: "a" }));\n`,
    "supabase/functions/b/index.ts":
      `${own}const h = withSelfHealing(() => new Response(), { functionName: "b" });\nDeno.serve(h);\n`,
    "supabase/functions/c/index.ts": `import { handle } from "./handler.ts";\nDeno.serve(handle);\n`,
    "supabase/functions/c/handler.ts":
      `${own}export const handle = withSelfHealing(() => new Response(), {});\n`,
    "supabase/functions/d/index.ts": `import { handle } from "./handler.ts";\nDeno.serve(handle);\n`,
    "supabase/functions/d/handler.ts": `export function handle() {\n  return new Response();\n}\n`,
    "scripts/local.ts": `Deno.serve(() => new Response());\n`,
  });
  assert.deepEqual(found, ["d:2 unwrapped-handler +"]);
});

Deno.test("install --check lists models' calls in each of their forms, and not what is protected", async () => {
  const found = await check({
    [CHAT]: `import { generateText } from "npm:ai@5.0.0";
const URL_OF_MODEL = \`\${Deno.env.get("BASE")}/v1/chat/completions\`;
export async function ask(openai: any, anthropic: any, protectedAICall: any, body: string) {
  await fetch("https://api.openai.com/v1/responses", { method: "POST", body });
  await fetch(URL_OF_MODEL, { method: "POST", body });
  await anthropic.messages.create({ max_tokens: 1 });
  await openai.responses.create({}).catch(() => null);
  await generateText({ prompt: body });
  await protectedAICall((signal: AbortSignal) => openai.chat.completions.create({}, { signal }));
  await fetch("https://example.com/chat");
  await supabase.storage.messages.list();
}
`,
  });
  assert.deepEqual(found, [4, 5, 6, 7, 8].map((line) => `chat:${line} unprotected-ai-call`));
});

Deno.test("install --check --rewrite leaves calls of models alone whose meaning would change", async () => {
  const inHandler = (statement: string) =>
    `import { withSelfHealing } from "../_shared/errorInterceptor.ts";\nDeno.serve(withSelfHealing(async (req) => {\n  const it = 1;\n  ${statement}\n  return new Response();\n}, { functionName: "chat" }));\n`;
  for (
    const statement of [
      `const s = await openai.chat.completions.create({ stream: true });`,
      `const s = await openai.chat.completions.create(await options());`,
      `const s = await openai.chat.completions.create({}, { timeout: 1 });`,
      `const s = openai.chat.completions.create({}).withResponse();`,
      `const s = await fetch("https://api.openai.com/v1/responses", init);`,
      `const s = await fetch("https://api.openai.com/v1/responses", { ...init });`,
      `const s = await fetch("https://api.openai.com/v1/responses", { signal });`,
      `const { resilientDb } = it; await openai.chat.completions.create({});`,
    ]
  ) assert.equal(await rewritten(inHandler(statement)), inHandler(statement));
  const fetched = await rewritten(
    inHandler(`const s = await fetch("https://api.openai.com/v1/responses", { method: "POST" });`),
  );
  assert.match(
    fetched,
    /await protectedAICall\(\(signal\) => fetch\("[^"]*", \{ method: "POST", signal \}\)\);/,
  );
});

Deno.test("install --check lists server actions, of a file and of one function", async () => {
  const found = await check({
    "app/actions.ts": `"use server";
export async function save(form: FormData) {}
export const remove = async (id: string) => {};
export const kept = withSelfHealing(async () => {}, { functionName: "kept" });
async function inner() {}
`,
    "app/page.tsx": `export default function Page() {
  async function act() {
    "use server";
  }
  return <form action={act} />;
}
`,
  });
  assert.deepEqual(found, [
    "app:2 unwrapped-server-action",
    "app:3 unwrapped-server-action",
    "app:2 unwrapped-server-action",
  ]);
});

Deno.test("install --check reads what it can of a project with broken, huge and odd files, and rewrites none of those", async () => {
  const broken = "Deno.serve(() => new Response(;\nDeno.serve(() => new Response());\n";
  assert.equal(await rewritten(broken), broken);
  const found = await check({
    [CHAT]: "Deno.serve(() => new Response());\n",
    "aux.ts": "Deno.serve(() => new Response());\n",
    "node_modules/x/index.ts": "Deno.serve(() => new Response());\n",
    "supabase/functions/chat/big.ts": `const a = [${"1,".repeat(600_000)}];\n`,
    "supabase/functions/chat/index.test.ts": "Deno.serve(() => new Response());\n",
    "supabase/functions/empty/index.ts": "",
  });
  assert.deepEqual(found, ["chat:1 unwrapped-handler +"]);
});

Deno.test("install --check --rewrite asks for an installation first", async () => {
  await using project = await sampleProject({ ...CONFIG, [CHAT]: "Deno.serve(() => new Response());\n" });
  const { code, output } = await installFrom(undefined, "--into", project.root, "--check", "--rewrite");
  assert.equal(code, 2);
  assert.match(output, /^CONFIG_MISSING: .*\n.*deno task install --into/);
});

Deno.test("install --remove keeps a rewritten file that was changed since, and says what still imports the library", async () => {
  await using source = await sampleProject({
    ...SMALL_SOURCE,
    "supabase/functions/_shared/errorInterceptor.ts": "export {};\n",
  });
  await using project = await sampleProject({ ...CONFIG, [CHAT]: "Deno.serve(() => new Response());\n" });
  await installFrom(source.root, "--into", project.root);
  await installFrom(source.root, "--into", project.root, "--check", "--rewrite");
  const mine = `${await Deno.readTextFile(`${project.root}/${CHAT}`)}// mine\n`;
  await project.write({ [CHAT]: mine });
  const { code, output } = await installFrom(source.root, "--into", project.root, "--remove", "--files-only");
  assert.equal(code, 1, output);
  assert.match(
    output,
    /still_imported: supabase\/functions\/chat\/index\.ts imports \.\.\/_shared\/errorInterceptor\.ts/,
  );
  assert.equal(await Deno.readTextFile(`${project.root}/${CHAT}`), mine);
});

Deno.test("install --check does not judge this tree where it lies in the project", async () => {
  await using project = await sampleProject({ ...CONFIG, [CHAT]: "Deno.serve(() => new Response());\n" });
  for (const [path, text] of Object.entries(SMALL_SOURCE)) await project.write({ [`healing/${path}`]: text });
  const { output } = await installFrom(`${project.root}/healing`, "--into", project.root, "--check");
  assert.match(output, /^1 places in 1 of 1 files\.$/m);
});
