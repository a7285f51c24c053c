/**
 * Reads `postmaster.pid`, by which Postgres keeps a second server from the same data, and explains a start
 * that failed.
 *
 * @module
 */

import { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { run } from "./runAs.ts";

/** How long a server that was asked to stop may take. */
const STOPPING_MS = 30_000;
/** How long the server of a process that was killed may take to notice. */
const NOTICING_MS = 1_500;
const POLL_MS = 25;

/**
 * Returns when no server uses the folder. A server whose process was killed a moment ago is waited for; a
 * lock of a process that is no Postgres any more (after a crash the number may belong to somebody else) is
 * taken away; a living server is an error.
 */
export async function clearStaleLock(dataDir: string): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    const lock = await readLock(dataDir);
    if (lock === undefined) return;
    const holder = await holderOf(lock.pid, dataDir);
    // Postgres itself takes over a lock whose process is gone.
    if (holder === "gone") return;
    if (holder === "somebody else") return await removeLock(dataDir, lock.pid);
    const patience = lock.stopping ? STOPPING_MS : NOTICING_MS;
    if (performance.now() - startedAt > patience) throw secondInstance(dataDir, lock.pid, lock.port);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

interface Lock {
  pid: number;
  port: string;
  stopping: boolean;
}

async function readLock(dataDir: string): Promise<Lock | undefined> {
  const text = await Deno.readTextFile(`${dataDir}/postmaster.pid`).catch(() => "");
  const lines = text.split("\n").map((line) => line.trim());
  const pid = Number(lines[0]);
  // The fourth line is the port, the eighth the state; a server that is starting has not written them yet.
  return pid > 0 ? { pid, port: lines[3] ?? "", stopping: lines[7] === "stopping" } : undefined;
}

/** Whether the process of a lock still is a server on that folder. */
async function holderOf(pid: number, dataDir: string): Promise<"gone" | "somebody else" | "server"> {
  const program = Deno.build.os === "linux" ? await linuxProgram(pid) : await listedProgram(pid);
  if (program === undefined) return "gone";
  if (!/postgres|postmaster/.test(program)) return "somebody else";
  // A server works inside its data folder; in containers, numbers come back soon.
  const folder = await Deno.readLink(`/proc/${pid}/cwd`).catch(() => undefined);
  return folder === undefined || folder === await Deno.realPath(dataDir) ? "server" : "somebody else";
}

async function linuxProgram(pid: number): Promise<string | undefined> {
  const name = await Deno.readTextFile(`/proc/${pid}/comm`).catch(() => undefined);
  const state = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  // A zombie holds nothing any more; it only waits to be counted.
  return /\) [ZX] /.test(state) ? undefined : name;
}

async function listedProgram(pid: number): Promise<string | undefined> {
  if (Deno.build.os === "windows") {
    const { output } = await run("tasklist", ["/FI", `PID eq ${pid}`, "/FO", "CSV", "/NH"]);
    return output.includes(`"${pid}"`) ? output : undefined;
  }
  const { success, output } = await run("ps", ["-p", String(pid), "-o", "comm="]);
  return success ? output : undefined;
}

async function removeLock(dataDir: string, pid: number): Promise<void> {
  const lock = await readLock(dataDir);
  if (lock?.pid === pid) await Deno.remove(`${dataDir}/postmaster.pid`);
}

function secondInstance(dataDir: string, pid: number, port: string): HealingError {
  return new HealingError("CONFLICT", `A Postgres is already running on ${dataDir} (process ${pid}).`, {
    hint:
      `Use it on port ${port}, stop the program that started it, or choose another data folder. No data was touched.`,
    details: { problem: "second_instance", dataDir, pid, port },
  });
}

/** What the server's last words mean. */
export async function startFailure(
  lastLines: string[],
  dataDir: string,
  port: number,
): Promise<HealingError> {
  const words = lastLines.filter((line) => /FATAL|PANIC|ERROR|HINT|DETAIL|could not|error while/.test(line))
    .map((line) => line.replace(/^.*?(?=FATAL|PANIC|ERROR|HINT|DETAIL|LOG)/, "")).slice(-6).join(" ");
  if (/lock file .* already exists|pre-existing shared memory block/.test(words)) {
    const lock = await readLock(dataDir);
    return secondInstance(dataDir, lock?.pid ?? 0, lock?.port ?? "");
  }
  if (/could not create any TCP\/IP sockets|Address already in use/.test(words)) {
    return new HealingError("CONFLICT", `Port ${port} is taken, so Postgres cannot listen on it.`, {
      hint: "Stop the program that uses it, choose another port, or leave the port out to get a free one.",
      details: { problem: "port_taken", port },
    });
  }
  if (/could not access file|could not load library/.test(words)) {
    return new HealingError("UNAVAILABLE", `Postgres cannot load what it was told to: ${words}`, {
      hint: "Install the package that brings this library.",
      details: { problem: "missing_library" },
    });
  }
  if (/Permission denied|wrong ownership|invalid permissions/.test(words)) {
    return new HealingError("FORBIDDEN", `Postgres may not use ${dataDir}: ${words}`, {
      hint: "The folder must belong to the user that runs Postgres and be closed to others (mode 0700).",
      details: { problem: "disk_refused", dataDir },
    });
  }
  return new HealingError(
    "DATABASE_ERROR",
    `Postgres cannot start on ${dataDir}: ${words || lastLines.at(-1)}`,
    {
      hint:
        "The data may be damaged. Keep a copy of the folder, then restore a backup or choose another data folder. Nothing was deleted.",
      details: { problem: "damaged_data", dataDir, log: lastLines.slice(-10) },
    },
  );
}
