/** The disk of the database: a small one in memory where this system lets us make one, so that it can be full. @module */

import { freshDataDir } from "../stack/dataDir.ts";
import { run } from "../stack/runAs.ts";

/** Where a run keeps everything. */
export interface Disk extends AsyncDisposable {
  readonly folder: string;
  /** False where only root could make a disk of its own. */
  readonly canBeFull: boolean;
  /** Leaves no room. */
  fill(): Promise<void>;
  /** Gives the room back. */
  empty(): Promise<void>;
}

const SIZE_MB = 640;
const PIECE = new Uint8Array(1_048_576);

/** Makes the disk, or a plain folder. */
export async function makeDisk(): Promise<Disk> {
  const folder = await freshDataDir();
  await Deno.mkdir(folder, { mode: 0o755 });
  const mounted = await run(
    "mount",
    ["-t", "tmpfs", "-o", `size=${SIZE_MB}m,mode=755`, "tmpfs", folder],
    undefined,
  )
    .then(({ success }) => success, () => false);
  const filler = `${folder}/filler`;
  return {
    folder,
    canBeFull: mounted,
    fill: () => mounted ? fill(filler) : Promise.resolve(),
    empty: () => Deno.remove(filler).catch(() => {}),
    async [Symbol.asyncDispose]() {
      if (mounted) await run("umount", ["-l", folder], undefined);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function fill(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  // First by the megabyte, then by the page, until nothing fits any more.
  for (const size of [PIECE.length, 4_096]) {
    try {
      for (;;) await file.write(PIECE.subarray(0, size));
    } catch {
      // Full.
    }
  }
}
