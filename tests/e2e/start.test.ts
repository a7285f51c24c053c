import assert from "node:assert/strict";
import { freshDataDir } from "../../scripts/stack/dataDir.ts";
import { freePort } from "../../scripts/stack/postgres.ts";
import { isAlive } from "../helpers/stack.ts";
import { waitFor } from "../helpers/waiting.ts";

const PROGRAM = decodeURIComponent(new URL("../../scripts/start.ts", import.meta.url).pathname);

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

function command(args: string[], env: Record<string, string> = {}): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    // Its build is another test's.
    args: ["run", "--allow-all", PROGRAM, "--no-dashboard", ...args],
    env: { NO_COLOR: "1", DATABASE_URL: "", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs the program to its end. */
async function run(args: string[], env: Record<string, string> = {}): Promise<Outcome> {
  const { code, stdout, stderr } = await command(args, env).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

interface Running {
  process: Deno.ChildProcess;
  output: () => string;
  url: string;
  /** Settles when everything that was written has been read. */
  ended: Promise<void>;
}

/** Runs the program until it says that it is ready. */
async function start(dataDir: string): Promise<Running> {
  const process = command(["--data", dataDir, "--port", "0", "--db-port", "0"]).spawn();
  let text = "";
  async function follow(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const piece of stream.pipeThrough(new TextDecoderStream())) text += piece;
  }
  const ended = Promise.all([follow(process.stdout), follow(process.stderr)]).then(() => {});
  await waitFor(`the stack`, () => /Ready after/.test(text), 30_000);
  return { process, output: () => text, url: /API\s+(\S+)/.exec(text)![1]!, ended };
}

async function stop({ process, ended }: Running, signal: Deno.Signal): Promise<number> {
  process.kill(signal);
  const { code } = await process.status;
  await ended;
  return code;
}

/** Numbers of the processes that were started by this one, and of theirs. */
async function descendants(pid: number): Promise<number[]> {
  const children: number[] = [];
  for await (const entry of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(entry.name)) continue;
    const stat = await Deno.readTextFile(`/proc/${entry.name}/stat`).catch(() => "");
    if (Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === pid) {
      children.push(Number(entry.name));
    }
  }
  const deeper = await Promise.all(children.map(descendants));
  return [...children, ...deeper.flat()];
}

/** One sentence and a way out on standard error, nothing like a stack trace, code 1. */
function assertRefusal({ code, stderr }: Outcome, sentence: RegExp, wayOut: RegExp): void {
  assert.equal(code, 1, stderr);
  assert.match(stderr, sentence);
  assert.match(stderr, wayOut);
  assert.doesNotMatch(stderr, /^\s+at /m);
  assert.ok(stderr.trim().split("\n").length <= 3, stderr);
}

Deno.test("start says where everything is, serves, stops on SIGTERM, and keeps the data", async () => {
  const dataDir = await freshDataDir();
  const first = await start(dataDir);
  for (const part of ["Database", "Functions", "Keys", "Users", "Data", "select "]) {
    assert.ok(first.output().includes(part), `${part} is missing in ${first.output()}`);
  }
  const secret = /secret\s+(sb_secret_\S+)/.exec(first.output())![1]!;
  const settings = await fetch(`${first.url}/rest/v1/rpc/get_healing_settings`, {
    method: "POST",
    headers: { apikey: secret },
  });
  assert.equal(settings.status, 200);
  await settings.body?.cancel();
  const children = await descendants(first.process.pid);
  assert.equal(await stop(first, "SIGTERM"), 0);
  assert.match(first.output(), /SIGTERM: stopping\.\nStopped\.\n$/);
  for (const pid of children) await waitFor(`the end of ${pid}`, async () => !await isAlive(pid));

  const second = await start(dataDir);
  assert.ok(second.output().includes(secret), "the keys are the same");
  assert.equal(await stop(second, "SIGINT"), 0);
  await Deno.remove(dataDir, { recursive: true });
});

Deno.test("start leaves no process behind when it is killed, and starts again on the same data", async () => {
  const dataDir = await freshDataDir();
  const first = await start(dataDir);
  const call = await fetch(`${first.url}/functions/v1/autonomous-healing-engine`, { method: "POST" });
  assert.equal(call.status, 401, "the function runs, and wants a key");
  await call.body?.cancel();
  const children = await descendants(first.process.pid);
  assert.ok(children.length >= 3, `only ${children.length} children were found`);
  await stop(first, "SIGKILL");
  for (const pid of children) await waitFor(`the end of ${pid}`, async () => !await isAlive(pid));
  const second = await start(dataDir);
  assert.equal(await stop(second, "SIGTERM"), 0);
  await Deno.remove(dataDir, { recursive: true });
});

Deno.test("start ends when the program that launched it is killed", async () => {
  const dataDir = await freshDataDir();
  const args = ["run", "--allow-all", PROGRAM, "--data", dataDir, "--port", "0", "--db-port", "0"];
  const launch = `const child = new Deno.Command(Deno.execPath(), { args: ${JSON.stringify(args)} }).spawn();
    await child.status;`;
  const launcher = new Deno.Command(Deno.execPath(), {
    args: ["eval", launch],
    env: { NO_COLOR: "1", DATABASE_URL: "" },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let text = "";
  const followed = (async () => {
    for await (const piece of launcher.stdout.pipeThrough(new TextDecoderStream())) text += piece;
  })();
  await waitFor("the stack", () => /Ready after/.test(text), 30_000);
  const processes = await descendants(launcher.pid);
  launcher.kill("SIGKILL");
  await launcher.status;
  for (const pid of processes) await waitFor(`the end of ${pid}`, async () => !await isAlive(pid));
  await followed;
  assert.match(text, /The program that started this has ended: stopping\.\nStopped\.\n$/);
  await Deno.remove(dataDir, { recursive: true });
});

Deno.test("start refuses a second instance and taken ports in a sentence", async () => {
  const dataDir = await freshDataDir();
  const first = await start(dataDir);
  const port = new URL(first.url).port;
  const dbPort = /127\.0\.0\.1:(\d+)\/postgres/.exec(first.output())![1]!;
  assertRefusal(
    await run(["--data", dataDir, "--port", "0", "--db-port", "0"]),
    /is already running on/,
    /another data folder/,
  );
  const other = await freshDataDir();
  assertRefusal(
    await run(["--data", other, "--port", port, "--db-port", "0"]),
    new RegExp(`Port ${port} is taken`),
    /--port or --db-port; 0 takes a free one/,
  );
  assertRefusal(
    await run(["--data", other, "--port", "0", "--db-port", dbPort]),
    new RegExp(`Port ${dbPort} is taken`),
    /--port or --db-port; 0 takes a free one/,
  );
  assert.equal(await stop(first, "SIGTERM"), 0);
  for (const folder of [dataDir, other]) await Deno.remove(folder, { recursive: true });
});

Deno.test("start refuses a folder that is none of ours and data that is broken, and deletes nothing", async () => {
  const dataDir = await freshDataDir();
  await Deno.mkdir(`${dataDir}/postgres`, { recursive: true });
  await Deno.writeTextFile(`${dataDir}/postgres/letter.txt`, "dear");
  const free = ["--port", "0", "--db-port", "0"];
  assertRefusal(
    await run(["--data", dataDir, ...free]),
    /is not a Postgres data folder/,
    /Nothing in it was touched/,
  );
  assert.equal(await Deno.readTextFile(`${dataDir}/postgres/letter.txt`), "dear");
  await Deno.remove(dataDir, { recursive: true });

  const first = await start(dataDir);
  assert.equal(await stop(first, "SIGTERM"), 0);
  await Deno.remove(`${dataDir}/postgres/global/pg_control`);
  assertRefusal(await run(["--data", dataDir, ...free]), /cannot start on/, /Nothing was deleted/);
  assert.ok((await Deno.stat(`${dataDir}/postgres/base`)).isDirectory);
  await Deno.remove(dataDir, { recursive: true });
});

Deno.test("start refuses a server of DATABASE_URL that does not answer", async () => {
  const dataDir = await freshDataDir();
  const env = { DATABASE_URL: `postgresql://postgres@127.0.0.1:${freePort()}/postgres` };
  assertRefusal(
    await run(["--data", dataDir, "--port", "0"], env),
    /Cannot use the server of DATABASE_URL/,
    /unset it to run the embedded Postgres/,
  );
  await Deno.remove(dataDir, { recursive: true });
});

Deno.test("start explains its flags and refuses others", async () => {
  const help = await run(["--help"]);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /--db-port/);
  assertRefusal(
    await run(["--port", "many"]),
    /--port must be a port from 0 to 65535: current value is many/,
    /0 takes/,
  );
  assertRefusal(await run(["--port", "70000"]), /current value is 70000/, /0 takes/);
  assertRefusal(await run(["--colour"]), /Unknown option '--colour'/, /--help/);
});
