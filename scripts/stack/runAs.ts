/**
 * Which user runs Postgres, and what that user may touch.
 *
 * Postgres refuses to run as root, so root hands it to `nobody`. Binaries and data then live in folders that
 * this user can reach.
 *
 * @module
 */

import { HealingError, messageOf } from "../../supabase/functions/_shared/core/errors.ts";

/** The user that runs Postgres when we may not do so ourselves. */
export interface RunAs {
  uid: number;
  gid: number;
}

/** What a short program answered. */
export interface Outcome {
  success: boolean;
  output: string;
}

/** `nobody` when this process is root, otherwise undefined: Postgres runs as whoever we are. */
export function postgresUser(): RunAs | undefined {
  if (Deno.build.os === "windows" || Deno.uid() !== 0) return undefined;
  const fields = Deno.readTextFileSync("/etc/passwd").split("\n").map((line) => line.split(":"));
  const nobody = fields.find(([name]) => name === "nobody");
  if (nobody === undefined) {
    throw new HealingError("UNAVAILABLE", "Cannot run Postgres as root, and there is no user `nobody`.", {
      hint: "Run this command as an ordinary user.",
    });
  }
  // 65534 and not the signed -2 that some systems write.
  return { uid: Number(nobody[2]) >>> 0, gid: Number(nobody[3]) >>> 0 };
}

/** Runs a short program as the given user and returns both of its outputs as one text. */
export async function run(
  command: string,
  args: string[],
  runAs?: RunAs,
  env?: Record<string, string>,
): Promise<Outcome> {
  try {
    const result = await new Deno.Command(command, {
      args,
      ...(runAs ?? {}),
      ...(env === undefined ? {} : { env }),
      // A folder that every user can enter; ours may be closed to `nobody`.
      cwd: Deno.build.os === "windows" ? undefined : "/",
      stdin: "null",
    } as Deno.CommandOptions).output();
    const decoder = new TextDecoder();
    const output = `${decoder.decode(result.stdout)}${decoder.decode(result.stderr)}`.trim();
    return { success: result.success, output };
  } catch (error) {
    return { success: false, output: messageOf(error) };
  }
}

/** Makes a folder that is the user's alone, with its parents, and says clearly when the disk refuses. */
export async function makeFolder(path: string, runAs?: RunAs): Promise<void> {
  try {
    await Deno.mkdir(path.replace(/[\\/][^\\/]*$/, ""), { recursive: true });
    await Deno.mkdir(path, { mode: 0o700 });
    if (runAs !== undefined) await Deno.chown(path, runAs.uid, runAs.gid);
  } catch (error) {
    throw diskError(path, error);
  }
}

/** Turns a refusal of the file system into a sentence with a way out. */
export function diskError(path: string, cause: unknown): HealingError {
  return new HealingError("FORBIDDEN", `Cannot write to ${path}: ${messageOf(cause)}`, {
    hint: "Give this user write permission on that folder, free some disk space, or choose another folder.",
    details: { problem: "disk_refused", path },
    cause,
  });
}

/** True when the user can enter the folder, or the nearest parent that exists. */
export async function canReach(path: string, runAs: RunAs | undefined): Promise<boolean> {
  if (runAs === undefined) return true;
  for (let folder = path;; folder = folder.slice(0, folder.lastIndexOf("/"))) {
    if (folder === "") return true;
    const exists = await Deno.stat(folder).then(() => true, () => false);
    if (exists) return (await run("test", ["-x", folder], runAs)).success;
  }
}
