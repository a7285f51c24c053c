/** `deno task doctor` as a person runs it, over a whole stack. */

import assert from "node:assert/strict";
import { runSql } from "../../scripts/lib/scratchServer.ts";
import { openStack } from "../helpers/stack.ts";

const ROOT = new URL("../..", import.meta.url);
const FUNCTIONS = decodeURIComponent(new URL("supabase/functions", ROOT).pathname);

async function doctor(...args: string[]): Promise<{ code: number; output: string }> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "scripts/doctor.ts", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  return { code, output: new TextDecoder().decode(stdout) };
}

Deno.test("deno task doctor finds nothing broken on a fresh stack, and what was broken since, with the next command", async () => {
  await using fresh = await openStack({ functionRoots: [FUNCTIONS], secrets: { FILE_SERVICE: "none" } });
  const { stack } = fresh;
  const place = ["--db", stack.dbUrl, "--url", stack.url, "--wait", "20"];
  // What the schedule would do in its first minute; requests leave by themselves.
  assert.ok(await stack.runJob("healing_reaper"));
  const sender = setInterval(() => stack.drainNet(), 200);
  try {
    const healthy = await doctor(...place);
    assert.equal(healthy.code, 0, healthy.output);
    assert.match(healthy.output, /health-check was called through pg_net and finished its run/);
    assert.match(healthy.output, /Nothing is broken\.\n$/);
    await runSql(stack.superuserUrl, "delete from vault.secrets where name = 'cron_secret_key'");
    await runSql(stack.superuserUrl, "grant select on public.detected_errors to anon");
    const ill = await doctor(...place, "--json");
    assert.equal(ill.code, 1, ill.output);
    const broken = (JSON.parse(ill.output) as { name: string; findings: { state: string }[] }[])
      .filter(({ findings }) => findings.some(({ state }) => state === "broken")).map(({ name }) => name);
    assert.deepEqual(broken, ["Tables, functions and rights", "Vault", "A scheduled call, live"]);
  } finally {
    clearInterval(sender);
    await stack.drainNet();
  }
});

Deno.test("deno task doctor ends with 2 and says why when it cannot look", async () => {
  assert.equal((await doctor("--db", "nonsense")).code, 2);
  assert.equal((await doctor("--db", "postgresql://postgres@127.0.0.1:1/postgres")).code, 2);
});
