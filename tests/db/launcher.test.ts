/** The launcher of the embedded Postgres, on real servers and real folders. @module */

import assert from "node:assert/strict";
import { findBinaries } from "../../scripts/stack/binaries.ts";
import { defaultDataDir, freshDataDir } from "../../scripts/stack/dataDir.ts";
import { freePort, type PostgresOptions, startPostgres } from "../../scripts/stack/postgres.ts";
import { postgresUser } from "../../scripts/stack/runAs.ts";
import { Client } from "../../supabase/functions/_shared/postgres.ts";
import { failsWith } from "../helpers/failures.ts";
import { waitFor } from "../helpers/waiting.ts";

/** A path for a data folder that is removed at the end of the test. */
async function scratchFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await freshDataDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }).catch(() => {}) };
}

function start(dataDir: string, options: Partial<PostgresOptions> = {}) {
  return startPostgres({ dataDir, durable: false, externalUrl: null, ...options });
}

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return Object.values((await client.query(sql)).rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}

function answers(url: string): Promise<boolean> {
  return ask(url, "select 1").then(() => true, () => false);
}

async function serverPid(dataDir: string): Promise<number> {
  return Number((await Deno.readTextFile(`${dataDir}/postmaster.pid`)).split("\n")[0]);
}

/** A program of its own that runs a server, to be killed. */
async function startProgram(
  dataDir: string,
  kind = "lasting",
): Promise<{ url: string; program: Deno.ChildProcess }> {
  const program = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      new URL("../helpers/startAndWait.ts", import.meta.url).pathname,
      dataDir,
      kind,
    ],
    stdout: "piped",
    stdin: "null",
  }).spawn();
  const reader = program.stdout.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return { url: new TextDecoder().decode(value).trim(), program };
}

Deno.test("startPostgres() boots, keeps its data over a restart, and stops more than once without harm", async () => {
  await using folder = await scratchFolder();
  const first = await start(folder.path, { durable: true });
  await ask(first.url(), "create table kept (word text)");
  await ask(first.url(), "insert into kept values ('still here')");
  await first.stop();
  await first.stop();
  assert.equal(await answers(first.url()), false);

  const second = await start(folder.path, { durable: true });
  assert.equal(await ask(second.url(), "select word from kept"), "still here");
  assert.equal(await ask(second.url(), "show fsync"), "on");
  assert.match(second.version, /^\d+\.\d+$/);
  await second.stop();
  await second.ended;
});

Deno.test("startPostgres() listens on this machine only and opens no socket file", async () => {
  await using folder = await scratchFolder();
  const server = await start(folder.path);
  assert.equal(await ask(server.url(), "show listen_addresses"), "127.0.0.1");
  assert.equal(await ask(server.url(), "show unix_socket_directories"), "");
  assert.equal(await ask(server.url(), "select current_user"), "supabase_admin");
  assert.equal(
    await ask(server.url(), "select datcollate from pg_database where datname = 'postgres'"),
    "C.UTF-8",
  );
  await server.stop();
});

Deno.test("startPostgres() leaves no server behind when its process is killed, and starts again at once", async () => {
  await using folder = await scratchFolder();
  const { url, program } = await startProgram(folder.path);
  await ask(url, "create table kept (word text)");
  program.kill("SIGKILL");
  await program.status;

  const again = await start(folder.path);
  assert.equal(await ask(again.url(), "select to_regclass('kept')::text"), "kept");
  assert.equal(await answers(url), false);
  await again.stop();
});

Deno.test("startPostgres() recovers by itself from a server that was killed", async () => {
  await using folder = await scratchFolder();
  const first = await start(folder.path);
  await ask(first.url(), "create table kept as select 'committed' as word");
  await ask(first.url(), "checkpoint");
  Deno.kill(await serverPid(folder.path), "SIGKILL");
  await first.ended;
  assert.ok(await serverPid(folder.path) > 0, "the stale lock file is there");

  const second = await start(folder.path);
  assert.equal(await ask(second.url(), "select word from kept"), "committed");
  await second.stop();
});

Deno.test("startPostgres() takes over a lock whose number belongs to another program by now", async () => {
  await using folder = await scratchFolder();
  await (await start(folder.path)).stop();
  await Deno.writeTextFile(`${folder.path}/postmaster.pid`, `${Deno.pid}\n${folder.path}\n0\n5432\n`);
  const server = await start(folder.path);
  assert.ok(await answers(server.url()));
  await server.stop();
});

Deno.test("startPostgres() takes over a lock whose number belongs to a server on another folder by now", async () => {
  await using folder = await scratchFolder();
  await using other = await scratchFolder();
  await (await start(folder.path)).stop();
  const neighbour = await start(other.path);
  await Deno.copyFile(`${other.path}/postmaster.pid`, `${folder.path}/postmaster.pid`);
  const server = await start(folder.path);
  assert.ok(await answers(server.url()) && await answers(neighbour.url()));
  await Promise.all([server.stop(), neighbour.stop()]);
});

Deno.test("startPostgres() refuses a second server on the same folder and leaves the first alone", async () => {
  await using folder = await scratchFolder();
  const first = await start(folder.path);
  const error = await failsWith(start(folder.path), "CONFLICT", "second_instance");
  assert.match(error.hint ?? "", new RegExp(`port ${first.port}`));
  assert.ok(await answers(first.url()));
  await first.stop();
});

Deno.test("startPostgres() lets one of several that start at once on a new folder win", async () => {
  await using folder = await scratchFolder();
  const outcomes = await Promise.allSettled([start(folder.path), start(folder.path), start(folder.path)]);
  const servers = outcomes.filter((outcome) => outcome.status === "fulfilled").map(({ value }) => value);
  assert.equal(servers.length, 1);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") {
      await failsWith(Promise.reject(outcome.reason), "CONFLICT", "second_instance");
    }
  }
  assert.ok(await answers(servers[0]!.url()));
  await servers[0]!.stop();
});

Deno.test("startPostgres() names the port that is taken", async () => {
  await using folder = await scratchFolder();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: freePort() });
  const { port } = listener.addr as Deno.NetAddr;
  const error = await failsWith(start(folder.path, { port }), "CONFLICT", "port_taken");
  assert.match(error.message, new RegExp(`${port}`));
});

Deno.test("startPostgres() refuses a folder with other things in it and touches nothing", async () => {
  await using folder = await scratchFolder();
  await Deno.mkdir(folder.path);
  await Deno.writeTextFile(`${folder.path}/diary.txt`, "mine");
  await failsWith(start(folder.path), "CONFLICT", "not_a_data_folder");
  assert.equal(await Deno.readTextFile(`${folder.path}/diary.txt`), "mine");
  assert.deepEqual(await namesIn(folder.path), ["diary.txt"]);
});

Deno.test("startPostgres() refuses data of another major version", async () => {
  await using folder = await scratchFolder();
  await (await start(folder.path)).stop();
  await Deno.writeTextFile(`${folder.path}/PG_VERSION`, "12\n");
  const error = await failsWith(start(folder.path), "CONFLICT", "version_mismatch");
  assert.match(error.message, /Postgres 12/);
});

Deno.test("startPostgres() says that data is damaged and deletes none of it", async () => {
  await using folder = await scratchFolder();
  await (await start(folder.path)).stop();
  await Deno.writeTextFile(`${folder.path}/global/pg_control`, "no control data");
  const before = await namesIn(`${folder.path}/base`);
  const error = await failsWith(start(folder.path), "DATABASE_ERROR", "damaged_data");
  assert.match(error.message, /pg_control/);
  assert.deepEqual(await namesIn(`${folder.path}/base`), before);
});

Deno.test("startPostgres() says when the disk refuses", async () => {
  await failsWith(start("/dev/null/data"), "FORBIDDEN", "disk_refused");
});

Deno.test("startPostgres() removes a temporary folder even when its process is killed", async () => {
  await using folder = await scratchFolder();
  const { program } = await startProgram(folder.path, "temporary");
  program.kill("SIGKILL");
  await program.status;
  await waitFor("the folder is gone", () => Deno.stat(folder.path).then(() => false, () => true));
});

Deno.test("startPostgres() joins the server of DATABASE_URL and never stops it", async () => {
  await using folder = await scratchFolder();
  const own = await start(folder.path);
  const external = await startPostgres({
    dataDir: "/dev/null/unused",
    durable: true,
    externalUrl: own.url(),
  });
  assert.deepEqual([external.source, external.port, external.version], ["external", own.port, own.version]);
  assert.equal(external.superuser, "supabase_admin");
  await ask(external.url(), "create role plain login");
  const plain = await startPostgres({
    dataDir: "/dev/null/unused",
    durable: true,
    externalUrl: external.url({ user: "plain" }),
  });
  assert.equal(plain.superuser, null);
  await external.stop();
  assert.ok(await answers(own.url()));
  await own.stop();
  const lost = startPostgres({ dataDir: "/dev/null/unused", durable: true, externalUrl: own.url() });
  await failsWith(lost, "UNAVAILABLE", "external_unreachable");
});

Deno.test("defaultDataDir() leaves a repository that the server's user cannot enter", async () => {
  const home = await Deno.makeTempDir();
  await Deno.chmod(home, 0o700);
  const folder = await defaultDataDir(home);
  if (postgresUser() === undefined) assert.equal(folder, `${home}/.data`);
  else assert.match(folder, /^\/var\/tmp\/self-healing-[0-9a-f]{16}$/);
  await Deno.remove(home);
});

Deno.test("findBinaries() names the ways out where there is no Postgres at all", async () => {
  const error = await failsWith(
    findBinaries({ platform: "plan9-mips", systemFolders: [] }),
    "UNAVAILABLE",
    "no_binary",
  );
  assert.match(error.message, /plan9-mips/);
  assert.match(error.hint ?? "", /DATABASE_URL/);
});

Deno.test("findBinaries() delivers the same files to several that look at once", async () => {
  const found = await Promise.all([findBinaries(), findBinaries(), findBinaries()]);
  assert.equal(new Set(found.map(({ bin }) => bin)).size, 1);
});
