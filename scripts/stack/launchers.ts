/**
 * Notices that the program which launched us has ended.
 *
 * Between a terminal and the stack stand `npx`, Node and `deno task`. When one of them is killed it cannot pass
 * the signal on, and the stack would live on where nobody looks for it. A shell is not watched: whoever puts the
 * stack into the background and closes the shell wants it to stay.
 *
 * @module
 */

import { type Clock, systemClock } from "../../supabase/functions/_shared/core/clock.ts";
import { run } from "./runAs.ts";

/** What is known of a process. */
interface ProcessInfo {
  parent: number;
  /** Its command line. */
  command: string;
}

const POLL_MS = 500;
const LAUNCHER = /^(\S*\/)?(deno(\s|$)|(node|npm|npx)\b.*\bdeno\b)/;
const SHELL = /^(\S*\/)?(ba|da|z)?sh\s+-c\s/;

/** The processes that launched this one, nearest first. */
export async function findLaunchers(pid: number = Deno.ppid): Promise<number[]> {
  const found: number[] = [];
  for (let at = pid; at > 1;) {
    const info = await readProcess(at);
    if (info === undefined) break;
    if (LAUNCHER.test(info.command)) found.push(at);
    // npx runs its program through a shell.
    else if (!SHELL.test(info.command)) break;
    at = info.parent;
  }
  return found;
}

/** Settles when one of the launchers has ended; never when there is none. */
export async function untilLauncherEnds(launchers: number[], clock: Clock = systemClock): Promise<void> {
  if (launchers.length === 0) return await new Promise(() => {});
  for (;;) {
    for (const pid of launchers) if (await readProcess(pid) === undefined) return;
    await clock.sleep(POLL_MS);
  }
}

/** Undefined for a process that has ended, also while nobody has asked for its end yet. */
async function readProcess(pid: number): Promise<ProcessInfo | undefined> {
  if (Deno.build.os === "windows") return undefined;
  if (Deno.build.os === "linux") return await readProc(pid);
  const { success, output } = await run("ps", ["-o", "ppid=,state=,args=", "-p", String(pid)]);
  const [, parent, state, command] = /^\s*(\d+)\s+(\S+)\s+(.*)$/s.exec(output) ?? [];
  if (!success || command === undefined || state?.startsWith("Z")) return undefined;
  return { parent: Number(parent), command };
}

async function readProc(pid: number): Promise<ProcessInfo | undefined> {
  try {
    const [stat, command] = await Promise.all([
      Deno.readTextFile(`/proc/${pid}/stat`),
      Deno.readTextFile(`/proc/${pid}/cmdline`),
    ]);
    // The second field is a name in parentheses that may hold anything.
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return undefined;
    return { parent: Number(parent), command: command.replaceAll("\0", " ").trim() };
  } catch {
    return undefined;
  }
}
