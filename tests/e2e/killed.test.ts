import assert from "node:assert/strict";
import { isAlive } from "../helpers/stack.ts";
import { waitFor } from "../helpers/waiting.ts";

const PROGRAM = decodeURIComponent(new URL("../helpers/runStack.ts", import.meta.url).pathname);

interface Where {
  url: string;
  dataDir: string;
  keys: { publishable: string };
}

/** Starts a stack in a process of its own. */
async function launch(
  tmp: string,
): Promise<{ process: Deno.ChildProcess; where: Where; closed: Promise<void> }> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", PROGRAM],
    // Where its functions' folders are, to see that none is left.
    env: { TMPDIR: tmp },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let text = "";
  const closed = (async () => {
    for await (const piece of process.stdout.pipeThrough(new TextDecoderStream())) text += piece;
  })();
  await waitFor("the stack", () => text.includes("\n"), 30_000);
  return { process, where: JSON.parse(text), closed };
}

/** How busy the processor is with a process, in ticks; undefined when it has ended. */
async function ticksOf(pid: number): Promise<number | undefined> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => undefined);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

Deno.test("a function that loops for ever does not outlive a stack that was killed", async () => {
  const tmp = await Deno.makeTempDir({ prefix: "with a space " });
  const { process, where, closed } = await launch(tmp);
  const headers = { apikey: where.keys.publishable };
  const fed = await fetch(`${where.url}/functions/v1/hungry`, { headers });
  await fed.body?.cancel();
  const pid = Number(fed.headers.get("x-pid"));
  assert.ok(pid > 0);
  const call = fetch(`${where.url}/functions/v1/hungry?what=time`, { headers }).catch(() => undefined);
  const before = await ticksOf(pid) ?? 0;
  await waitFor("the loop", async () => (await ticksOf(pid) ?? 0) > before + 20);
  process.kill("SIGKILL");
  await process.status;
  await waitFor("the end of the loop", async () => !await isAlive(pid));
  await Promise.all([call, closed]);
  await waitFor("empty folders", async () => (await Array.fromAsync(Deno.readDir(tmp))).length === 0);
  await Deno.remove(tmp);
  await Deno.remove(where.dataDir, { recursive: true });
});
