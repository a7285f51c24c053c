/** Looks at processes and ends them without a farewell. Linux only, as is what is read in /proc. @module */

/** A process of the run. */
export interface RunProcess {
  pid: number;
  /** What it is: the name of a function, or what Postgres calls it. */
  name: string;
}

const FUNCTION = /\/functions\/([\w-]+)\/index\.ts/;

/** The processes that a process has started. */
export async function childrenOf(parent: number): Promise<RunProcess[]> {
  const children: RunProcess[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await Deno.readTextFile(`/proc/${name}/stat`).catch(() => "");
    const [state, ppid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (Number(ppid) !== parent || state === "Z") continue;
    const command = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    const text = command.replaceAll("\0", " ").trim();
    children.push({ pid: Number(name), name: FUNCTION.exec(text)?.[1] ?? text });
  }
  return children.sort((one, other) => one.pid - other.pid);
}

/** What it holds in memory, in MB; undefined when it has ended. */
export async function residentMb(pid: number): Promise<number | undefined> {
  const statm = await Deno.readTextFile(`/proc/${pid}/statm`).catch(() => undefined);
  return statm === undefined ? undefined : Number(statm.split(" ")[1]) * 4_096 / 1_048_576;
}

/** `kill -9`; one that has ended already stays ended. */
export function killNow(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It was faster.
  }
}
