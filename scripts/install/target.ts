/**
 * The project that is installed into: found, judged, and looked at without following links.
 *
 * What stands at a place is told by the listing of its folder and not by asking for the file: so a link, a file where a
 * folder belongs, and a name that differs only by case (one file on many systems) are seen before anything is written.
 *
 * @module
 */

import { dirname, isAbsolute, join, relative } from "node:path";
import { HealingError, messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { sha256 } from "../../supabase/functions/_shared/core/sha256.ts";

/** Where the settings of a Supabase project stand. */
export const CONFIG = "supabase/config.toml";

/** What stands at a path of the project. */
export type Place =
  | { kind: "absent" }
  | { kind: "file"; text: string; hash: string }
  | { kind: "folder" }
  /** Something that must not be written over or through. */
  | { kind: "taken"; at: string; by: string };

/** A project, by paths that are relative to it and have forward slashes. */
export interface Target {
  /** Absolute, without links. */
  readonly root: string;
  /** Where this tree lies in the project; null where it lies elsewhere. */
  readonly ownTree: string | null;
  /** What stands at a path now; listings are remembered until `forget`. */
  look(path: string): Promise<Place>;
  /** The names in a folder; none when there is no such folder. */
  names(folder: string): Promise<string[]>;
  /** The path on this machine. */
  native(path: string): string;
  forget(): void;
}

/** The hash of a text whatever its line ends are: a checkout may change them, and that is no change by a person. */
export function hashOf(text: string): Promise<string> {
  return sha256(text.replaceAll("\r\n", "\n"));
}

/** Finds the project in a folder; throws a coded error where none is, or where installing would harm. */
export async function openTarget(folder: string, ownRoot: string): Promise<Target> {
  const root = await realFolder(folder);
  const own = await Deno.realPath(ownRoot);
  if (isWithin(own, root)) {
    throw new HealingError("BAD_REQUEST", `${folder} is this tree itself, or lies in it.`, {
      hint: "Name the folder of your own project: --into ../my-app",
    });
  }
  const target = new FolderTarget(
    root,
    isWithin(root, own) ? relative(root, own).replaceAll("\\", "/") : null,
  );
  await assertSupabaseProject(target, folder);
  return target;
}

async function realFolder(folder: string): Promise<string> {
  try {
    const root = await Deno.realPath(folder);
    if ((await Deno.stat(root)).isDirectory) return root;
  } catch (cause) {
    throw new HealingError("NOT_FOUND", `${folder} cannot be opened: ${messageOf(cause)}`, {
      hint: "Name a folder that exists.",
      cause,
    });
  }
  throw new HealingError("BAD_REQUEST", `${folder} is a file.`, { hint: "Name the folder of the project." });
}

function isWithin(outer: string, inner: string): boolean {
  const path = relative(outer, inner);
  return path === "" || (path !== ".." && !/^\.\.[\\/]/.test(path) && !isAbsolute(path));
}

async function assertSupabaseProject(target: Target, folder: string): Promise<void> {
  const config = await target.look(CONFIG);
  if (config.kind === "file") return;
  if (config.kind === "taken") {
    throw new HealingError("CONFLICT", `${config.at} is ${config.by}.`, {
      hint: "What is installed is written to a folder of the project itself: put one in its place.",
    });
  }
  if ((await target.look("config.toml")).kind === "file" && /[\\/]?supabase$/.test(target.root)) {
    throw new HealingError("BAD_REQUEST", `${folder} is the supabase folder of a project.`, {
      hint: `Name the folder above it: --into ${dirname(folder)}`,
    });
  }
  throw new HealingError("CONFIG_MISSING", `${folder} has no ${CONFIG}: it is no Supabase project.`, {
    hint: "Run `npx supabase init` in it, or name the folder of the project.",
  });
}

class FolderTarget implements Target {
  readonly #listings = new Map<string, Promise<Map<string, Deno.DirEntry>>>();

  constructor(readonly root: string, readonly ownTree: string | null) {}

  native(path: string): string {
    return join(this.root, ...path.split("/"));
  }

  forget(): void {
    this.#listings.clear();
  }

  async names(folder: string): Promise<string[]> {
    return [...(await this.#list(folder)).values()].map(({ name }) => name).sort();
  }

  async look(path: string): Promise<Place> {
    const parts = path.split("/");
    for (const [index, part] of parts.entries()) {
      const at = parts.slice(0, index + 1).join("/");
      const entry = (await this.#list(parts.slice(0, index).join("/"))).get(keyOf(part));
      if (entry === undefined) return { kind: "absent" };
      const by = whyTaken(entry, part, index < parts.length - 1);
      if (by !== null) return { kind: "taken", at, by };
      if (index === parts.length - 1 && entry.isDirectory) return { kind: "folder" };
    }
    const text = textOf(await Deno.readFile(this.native(path)));
    if (text === null) return { kind: "taken", at: path, by: "a file that is no text in UTF-8" };
    return { kind: "file", text, hash: await hashOf(text) };
  }

  #list(folder: string): Promise<Map<string, Deno.DirEntry>> {
    const known = this.#listings.get(folder) ?? this.#read(folder);
    this.#listings.set(folder, known);
    return known;
  }

  async #read(folder: string): Promise<Map<string, Deno.DirEntry>> {
    try {
      const entries = await Array.fromAsync(Deno.readDir(folder === "" ? this.root : this.native(folder)));
      return new Map(entries.map((entry) => [keyOf(entry.name), entry]));
    } catch (thrown) {
      if (thrown instanceof Deno.errors.NotFound || thrown instanceof Deno.errors.NotADirectory) {
        return new Map();
      }
      throw thrown;
    }
  }
}

/** Exactly what the bytes say, a byte order mark too: the text may be written again. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Names that are one file on systems that do not tell them apart. */
function keyOf(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

function whyTaken(entry: Deno.DirEntry, wanted: string, isFolder: boolean): string | null {
  if (entry.isSymlink) return "a link, which is not followed";
  if (entry.name !== wanted) return `there as ${entry.name}, which is the same name on many systems`;
  if (isFolder && !entry.isDirectory) return "a file, and a folder belongs there";
  return entry.isFile || entry.isDirectory ? null : "neither a file nor a folder";
}
