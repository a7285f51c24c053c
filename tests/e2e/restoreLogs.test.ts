import assert from "node:assert/strict";
import { Client } from "../../supabase/functions/_shared/postgres.ts";
import { openStack, type TestStack } from "../helpers/stack.ts";

const PROGRAM = decodeURIComponent(new URL("../../scripts/restoreLogs.ts", import.meta.url).pathname);

/** Runs the program against a stack, with a log on its standard input. */
async function restore({ stack }: TestStack, log: string): Promise<{ code: number; output: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", PROGRAM],
    env: { SUPABASE_URL: stack.url, SUPABASE_SECRET_KEYS: JSON.stringify({ default: stack.keys.secret }) },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(log));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  return { code, output: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

async function messages({ stack }: TestStack): Promise<string[]> {
  const client = new Client({ connectionString: stack.dbUrl });
  await client.connect();
  const { rows } = await client.query<{ message: string }>(
    "select message from fallback_log_entries order by message",
  );
  await client.end();
  return rows.map((row) => row.message);
}

Deno.test("what a worker could only say at its end is restored from its log, once, and without its secrets", async () => {
  const dying = await openStack();
  const said = Array.from({ length: 47 }, (_, index) => `critical ${String(index).padStart(2, "0")}`);
  said.push(`long ${'ä"\\'.repeat(2_500)}`);
  const answer = await dying.call("logging", {
    method: "POST",
    body: JSON.stringify(said),
    headers: { apikey: dying.stack.keys.publishable },
  });
  assert.deepEqual(await answer.json(), { stored: 0, spooled: 48, dropped: 0 });
  await dying.stack.stop();
  const log = dying.logs.join("\n");
  assert.doesNotMatch(log, /hunter2/);

  await using alive = await openStack();
  const first = await restore(alive, log);
  assert.deepEqual(first, { code: 0, output: "48 found: 48 restored, 0 were there already\n" });
  assert.equal((await messages(alive)).length, 48);
  // An export as JSON has the lines inside of strings; it is the same log all the same.
  const exported = dying.logs.map((line) => JSON.stringify({ timestamp: 1, event_message: line })).join("\n");
  const again = await restore(alive, exported);
  assert.deepEqual(again, { code: 0, output: "48 found: 0 restored, 48 were there already\n" });
  assert.deepEqual(await restore(alive, "nothing of ours\n"), {
    code: 0,
    output: "Nothing to restore was found.\n",
  });
});
