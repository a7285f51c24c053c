/** The whole system in somebody's project: its own functions and ours start from there, and answer. */

import assert from "node:assert/strict";
import {
  install,
  LIBRARY_PROJECT,
  NEWER_PROJECT,
  type ProjectTree,
  sampleProject,
} from "../helpers/installProjects.ts";
import { openStack } from "../helpers/stack.ts";

const ORDERS = "supabase/functions/orders/index.ts";

/** As its author wrote it: a handler, a checked write with the service role, and what it shares with others. */
const OWN_FUNCTION: ProjectTree = {
  [ORDERS]: `import { createClient } from "@supabase/supabase-js";
import { corsHeaders } from "../_shared/cors.ts";

Deno.serve(async (req: Request) => {
  const supabase = createClient(Deno.env.get("SUPABASE_URL")!, Deno.env.get("SUPABASE_SERVICE_ROLE_KEY")!);
  const { body } = await req.json();
  const { error } = await supabase.from("orders").insert({ body, ownerId: "00000000-0000-4000-8000-000000000001" });
  if (error) throw error;
  return Response.json({ saved: true }, { headers: corsHeaders });
});
`,
  "supabase/functions/orders/deno.json":
    `{ "imports": { "@supabase/supabase-js": "npm:@supabase/supabase-js@2.119.0" } }\n`,
};

Deno.test("install puts functions into a project that start there, with the library in a folder of another name", async () => {
  await using project = await sampleProject({ ...LIBRARY_PROJECT, ...OWN_FUNCTION });
  const before = await project.bytes();
  assert.equal((await install("--into", project.root, "--shared", "_healing")).code, 0);
  const rewritten = await install("--into", project.root, "--check", "--rewrite");
  assert.equal(rewritten.code, 0, rewritten.output);
  assert.match(rewritten.output, /2 places rewritten/);
  const checked = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "--no-lock", "index.ts"],
    cwd: `${project.root}/supabase/functions/orders`,
    env: { NO_COLOR: "1" },
  }).output();
  assert.equal(checked.code, 0, new TextDecoder().decode(checked.stderr));
  await using running = await openStack({
    functionRoots: [`${project.root}/supabase/functions`],
    migrations: `${project.root}/supabase/migrations`,
  });
  const { stack, call } = running;
  const healthy = await call("health-check", { method: "POST", headers: { apikey: stack.keys.secret } });
  assert.equal(healthy.status, 202, await healthy.text());
  const stranger = await call("autonomous-healing-engine", { method: "POST" });
  assert.equal(stranger.status, 401, await stranger.text());
  const answer = await call("orders", { method: "POST", body: JSON.stringify({ body: "ten" }) });
  assert.deepEqual([answer.status, await answer.json()], [200, { saved: true }]);
  const removal = await install("--into", project.root, "--remove", "--drop-data", "--db", stack.dbUrl);
  assert.equal(removal.code, 0, removal.output);
  assert.deepEqual(await project.bytes(), before);
});

Deno.test("install --renumber leaves a project that the doctor finds whole", async () => {
  await using project = await sampleProject(NEWER_PROJECT);
  assert.equal((await install("--into", project.root, "--renumber")).code, 0);
  await using running = await openStack({
    functionRoots: [`${project.root}/supabase/functions`],
    migrations: `${project.root}/supabase/migrations`,
  });
  const { stack } = running;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "scripts/doctor.ts",
      "--db",
      stack.dbUrl,
      "--url",
      stack.url,
      "--wait",
      "0",
      "--json",
    ],
    cwd: new URL("../..", import.meta.url),
  }).output();
  const found: { name: string; findings: { state: string; says: string }[] }[] = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  const of = (name: string) => found.find((one) => one.name === name)!.findings.map(({ state }) => state);
  assert.deepEqual(of("Migrations"), ["well"]);
  assert.ok(of("Tables, functions and rights").every((state) => state === "well"));
  assert.ok(of("Functions").every((state) => state !== "broken"));
});
