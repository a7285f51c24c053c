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
const SIGNALS = ["SIGINT", "SIGTERM"] as const;
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
  const remove = async () => {
    if (mounted) await run("umount", ["-l", folder], undefined);
    await Deno.remove(folder, { recursive: true });
  };
  // What runs on it ends with this process; the disk itself would stay.
  const leave = () => void remove().catch(() => {}).finally(() => Deno.exit(130));
  for (const signal of SIGNALS) Deno.addSignalListener(signal, leave);
  return {
    folder,
    canBeFull: mounted,
    fill: () => mounted ? fill(filler) : Promise.resolve(),
    empty: () => Deno.remove(filler).catch(() => {}),
    [Symbol.asyncDispose]() {
      for (const signal of SIGNALS) Deno.removeSignalListener(signal, leave);
      return remove();
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
