/** Reads the lines of a file that grows at its end. @module */

const LINE_END = "\n".charCodeAt(0);

/** The lines behind `from`, and where they end; the last one counts even when a crash has cut off its end. */
export async function readLines(path: string, from: number): Promise<{ lines: string[]; end: number }> {
  const bytes = await readFile(path);
  const text = new TextDecoder().decode(bytes.subarray(from));
  return { lines: text.split("\n").filter((line) => line !== ""), end: bytes.length };
}

/** Whether the file's last line is whole. */
export async function endsWithLine(path: string): Promise<boolean> {
  return (await readFile(path)).at(-1) === LINE_END;
}

/** Bytes of a file; 0 without one. */
export async function sizeOf(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

/** What has no size is not read either: a device has no end. */
async function readFile(path: string): Promise<Uint8Array> {
  return await sizeOf(path) === 0 ? new Uint8Array() : await Deno.readFile(path);
}
