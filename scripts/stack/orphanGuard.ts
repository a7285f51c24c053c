/**
 * Ends the processes that we started when we die without a chance to do so.
 *
 * A function that loops for ever never notices that its host is gone. A small `sh` does: it reads the numbers
 * of our processes and their temporary folders from a pipe, and when the pipe closes, even by `kill -9`, it
 * kills those that still live and removes their folders.
 *
 * @module
 */

const SCRIPT = `
entries=
while read -r change pid folder; do
  case "$change" in
    +) entries="$entries$pid $folder
" ;;
    -) entries=$(printf '%s' "$entries" | grep -v "^$pid ")
       [ -z "$entries" ] || entries="$entries
" ;;
  esac
done
printf '%s' "$entries" | while read -r pid folder; do
  kill -9 "$pid" 2>/dev/null
  rm -rf -- "\${folder:?}"
done
exit 0`;

/** Watches over processes; `close` forgets them all. */
export class OrphanGuard {
  readonly #child: Deno.ChildProcess | undefined;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  readonly #watched = new Set<number>();

  constructor() {
    // Windows has no sh; there a function ends when its standard input does.
    if (Deno.build.os === "windows") return;
    this.#child = new Deno.Command("/bin/sh", {
      args: ["-c", SCRIPT],
      cwd: "/",
      stdin: "piped",
      stdout: "null",
      stderr: "null",
      detached: true,
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
  }

  /** Begins to watch over a process and its folder. */
  async add(pid: number, folder: string): Promise<void> {
    this.#watched.add(pid);
    await this.#write(`+ ${pid} ${folder}\n`);
  }

  /** Forgets a process that has ended: its number may soon be somebody else's. */
  async remove(pid: number): Promise<void> {
    if (this.#watched.delete(pid)) await this.#write(`- ${pid}\n`);
  }

  /** Ends the guard, and with it whatever is still watched. */
  async close(): Promise<void> {
    await this.#writer?.close().catch(() => {});
    await this.#child?.status;
  }

  async #write(line: string): Promise<void> {
    await this.#writer?.write(new TextEncoder().encode(line)).catch(() => {});
  }
}
