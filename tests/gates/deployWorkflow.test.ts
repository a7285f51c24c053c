/** The workflow that deploys is found again by its run's name, pins what it uses, and lets no input into a script's text. */

import assert from "node:assert/strict";

const workflow = await Deno.readTextFile(
  new URL("../../.github/workflows/self-healing-deploy.yml", import.meta.url),
);

Deno.test("self-healing-deploy.yml takes the inputs that the provider of GitHub sends", async () => {
  const provider = await Deno.readTextFile(
    new URL("../../supabase/functions/_shared/deployments/github/workflow.ts", import.meta.url),
  );
  const sent = /inputs: \{([\s\S]*?)\n {6}\},/.exec(provider)![1]!.match(/^ {8}(\w+):/gm)!.map((line) =>
    line.trim().slice(0, -1)
  );
  const taken = /inputs:\n([\s\S]*?)\npermissions:/.exec(workflow)![1]!.match(/^ {6}(\w+):/gm)!.map((line) =>
    line.trim().slice(0, -1)
  );
  assert.deepEqual(sent.sort(), taken.sort());
});

Deno.test("self-healing-deploy.yml names its run by the trigger and the commit", () => {
  assert.match(
    workflow,
    /^run-name: "[^"]*\$\{\{ inputs\.trigger_id \}\} @ \$\{\{ inputs\.ref \|\| github\.sha \}\}"$/m,
  );
});

Deno.test("self-healing-deploy.yml has the least rights, runs alone, and pins what it uses", () => {
  assert.match(workflow, /^permissions:\n {2}contents: read\n\n/m);
  assert.match(workflow, /^concurrency:\n {2}group: \S+\n {2}cancel-in-progress: false$/m);
  const used = workflow.match(/uses: (\S+)/g) ?? [];
  assert.ok(used.length > 0);
  for (const line of used) assert.match(line, /@[0-9a-f]{40}$/);
  for (const line of workflow.match(/npx .*/g) ?? []) assert.match(line, /"\$SUPABASE_CLI"/);
  assert.match(workflow, /SUPABASE_CLI: supabase@\d+\.\d+\.\d+$/m);
});

Deno.test("self-healing-deploy.yml lets no expression into the text of a script", () => {
  const scripts = workflow.split(/\n(?= {6}- )/).flatMap((step) =>
    /\n {8}run: ([\s\S]*)$/.exec(step)?.[1] ?? []
  );
  assert.ok(scripts.length >= 4);
  for (const script of scripts) assert.doesNotMatch(script, /\$\{\{/);
});
