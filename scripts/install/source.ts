/** What this tree has to offer to a project: migrations, functions, the library and sections of `config.toml`. @module */

import { fileURLToPath } from "node:url";
import { listFiles } from "../lib/gate.ts";
import { readFunctions } from "../stack/functionSettings.ts";
import { readMigrations } from "../stack/migrate.ts";
import { readReference } from "../doctor/reference.ts";
import { sha256 } from "../../supabase/functions/_shared/core/sha256.ts";
import { moveLibrary } from "./moveLibrary.ts";

/** This tree. */
export const OWN_ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");

/** A file to write. */
export interface OfferedFile {
  /** Relative to the project. */
  path: string;
  text: string;
}

/** A migration; its file's name in the project may differ from ours. */
export interface OfferedMigration {
  /** What follows the version, such as `create_control_tables`: it stays when the version does not. */
  name: string;
  version: string;
  text: string;
}

/** Everything that is offered. */
export interface Offer {
  files: OfferedFile[];
  migrations: OfferedMigration[];
  functions: { name: string; verifyJwt: boolean }[];
  /** The objects of the database, as the schema dump heads them, with the names of their indexes. */
  objects: string[];
  indexes: string[];
  jobs: string[];
  /** Tells one offer from another. */
  release: string;
}

/** Where the tree is, and what its library is called in the project. */
export interface OfferOptions {
  root?: string;
  shared?: string;
}

const FUNCTIONS = "supabase/functions";

/** Reads the tree. */
export async function readOffer({ root = OWN_ROOT, shared = "_shared" }: OfferOptions = {}): Promise<Offer> {
  const functions = [...(await readFunctions([`${root}/${FUNCTIONS}`])).values()]
    .map(({ name, verifyJwt }) => ({ name, verifyJwt }));
  const migrations = (await readMigrations(`${root}/supabase/migrations`))
    .map(({ name, version, text }) => ({ name, version, text: asLines(text) }));
  const { schema, jobs } = await readReference(root);
  const files = [...await readCode(root, functions, shared), ...await settingsOf(root, functions)];
  const all = JSON.stringify([files, migrations, functions]);
  return {
    files: files.toSorted((one, other) => one.path < other.path ? -1 : 1),
    migrations,
    functions,
    objects: [...schema.keys()],
    indexes: [...schema.values()].flat().flatMap((line) =>
      /^(?:unique )?index (\S+) on /.exec(line)?.[1] ?? []
    ),
    jobs: jobs.map(({ name }) => name),
    release: (await sha256(all)).slice(0, 12),
  };
}

/** A checkout of ours may have other line ends; what is installed has one kind. */
function asLines(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

async function readCode(root: string, functions: Offer["functions"], shared: string): Promise<OfferedFile[]> {
  const folders = ["_shared", ...functions.map(({ name }) => name)];
  const files: OfferedFile[] = [];
  for (const folder of folders) {
    for (const path of await listFiles(`${root}/${FUNCTIONS}/${folder}`)) {
      // The map of the library is for those who change it, and a project may well have its own.
      if (!path.endsWith(".ts")) continue;
      const text = asLines(await Deno.readTextFile(`${root}/${FUNCTIONS}/${folder}/${path}`));
      if (folder === "_shared") files.push({ path: `${FUNCTIONS}/${shared}/${path}`, text });
      else files.push({ path: `${FUNCTIONS}/${folder}/${path}`, text: await moveLibrary(text, shared) });
    }
  }
  return files;
}

/**
 * Each function gets settings of its own: one file for all of them would also hold for the functions of the project,
 * and where the project has such a file it would hold for ours.
 */
async function settingsOf(root: string, functions: Offer["functions"]): Promise<OfferedFile[]> {
  const { compilerOptions, lock } = JSON.parse(await Deno.readTextFile(`${root}/${FUNCTIONS}/deno.json`));
  const text = `${JSON.stringify({ compilerOptions, lock }, null, 2)}\n`;
  return functions.map(({ name }) => ({ path: `${FUNCTIONS}/${name}/deno.json`, text }));
}
