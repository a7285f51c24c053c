/**
 * What was installed, written down in the project: the files with their hashes, so that a later run knows what is
 * ours, what was changed since, and what to take away again.
 *
 * The journal is the same for a run that has not ended: it is written before the first file and removed after the last,
 * so that whoever comes after a run that was killed knows which files it meant to write.
 *
 * @module
 */

import { HealingError, messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { pathProblem } from "../../supabase/functions/_shared/core/projectPaths.ts";
import { z } from "../../supabase/functions/_shared/core/validation.ts";
import type { Target } from "./target.ts";

/** Our folder in the project. */
export const OUR_FOLDER = "supabase/self-healing";
/** What was installed. */
export const MANIFEST = `${OUR_FOLDER}/manifest.json`;
/** What a run is about to do. */
export const JOURNAL = `${OUR_FOLDER}/journal.json`;
/** Where files of the project are kept as they were before a rewrite. */
export const ORIGINALS = `${OUR_FOLDER}/originals`;

/** Whoever may write in the project must not lead a removal out of it. */
const PathSchema = z.string().refine(
  (path) => pathProblem(path, 1_000) === null,
  "is no path in the project",
);

const ManifestSchema = z.object({
  format: z.literal(1),
  release: z.string(),
  /** What the library's folder is called. */
  shared: z.string(),
  /** What is done with versions that the project has passed. */
  order: z.enum(["ask", "renumber", "include-all"]),
  /** Hashes by path. */
  files: z.record(PathSchema, z.string()),
  /** The file of each migration by its name without a version. */
  migrations: z.record(z.string(), PathSchema),
  /** Folders that were made, parents first. */
  folders: z.array(PathSchema),
  /** What was appended to `config.toml`, with plain line ends; empty where nothing had to be. */
  config: z.string(),
  objects: z.array(z.string()),
  jobs: z.array(z.string()),
  /** Files of the project that were rewritten: the hash that they then had. */
  rewritten: z.record(PathSchema, z.string()),
});

/** What was installed. */
export type Manifest = z.infer<typeof ManifestSchema>;

const OperationSchema = z.object({
  path: PathSchema,
  /** The hash before; null where no file was. */
  before: z.string().nullable(),
  /** The hash afterwards; null where no file is then. */
  after: z.string().nullable(),
});

const JournalSchema = z.object({
  format: z.literal(1),
  operations: z.array(OperationSchema),
  folders: z.array(PathSchema),
  /** What is installed when the run has ended. */
  manifest: ManifestSchema,
});

/** What a run is about to do. */
export type Journal = z.infer<typeof JournalSchema>;

/** A manifest of nothing. */
export function emptyManifest(): Manifest {
  return {
    format: 1,
    release: "",
    shared: "_shared",
    order: "ask",
    files: {},
    migrations: {},
    folders: [],
    config: "",
    objects: [],
    jobs: [],
    rewritten: {},
  };
}

/** What is installed; null where nothing is. */
export async function readManifest(target: Target): Promise<Manifest | null> {
  return await readOwn(target, MANIFEST, ManifestSchema);
}

/** What a run that did not end was about to do; null where all have ended. */
export async function readJournal(target: Target): Promise<Journal | null> {
  return await readOwn(target, JOURNAL, JournalSchema);
}

async function readOwn<Shape>(target: Target, path: string, schema: z.ZodType<Shape>): Promise<Shape | null> {
  const place = await target.look(path);
  if (place.kind === "absent") return null;
  try {
    if (place.kind === "file") return schema.parse(JSON.parse(place.text));
  } catch (cause) {
    throw unreadable(path, messageOf(cause).replaceAll(/\s+/g, " ").slice(0, 200), cause);
  }
  throw unreadable(path, "it is no file", undefined);
}

function unreadable(path: string, why: string, cause: unknown): HealingError {
  return new HealingError("CONFIG_MISSING", `${path} cannot be read: ${why}`, {
    hint: "Take it back from the project's history, or use the version of this program that wrote it.",
    cause,
  });
}
