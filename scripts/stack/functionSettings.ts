/**
 * Finds functions and reads how `config.toml` wants them run.
 *
 * As the platform's deploy does it: each folder with an `index.ts` and a fitting name is a function, a
 * `[functions.<name>]` table adds to it, and paths in the table start at the folder of `config.toml`.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { HealingError, messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { z } from "../../supabase/functions/_shared/core/validation.ts";
import { parseToml } from "./toml.ts";

/** How one function is run. */
export interface FunctionSettings {
  name: string;
  /** Absolute path of the module to run. */
  entrypoint: string;
  /** Absolute path of its `deno.json`; undefined when it has none. */
  importMap: string | undefined;
  /** True when the gateway lets only callers with a valid token or key through. */
  verifyJwt: boolean;
}

const FunctionTableSchema = z.object({
  enabled: z.boolean().optional(),
  verify_jwt: z.boolean().optional(),
  entrypoint: z.string().optional(),
  import_map: z.string().optional(),
});
const ConfigSchema = z.object({ functions: z.record(z.string(), FunctionTableSchema).optional() });

type FunctionTable = z.infer<typeof FunctionTableSchema>;

const NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;

/** The functions of several folders by name; a name that is in two of them is refused. */
export async function readFunctions(roots: readonly string[]): Promise<Map<string, FunctionSettings>> {
  const functions = new Map<string, FunctionSettings>();
  for (const root of roots) {
    for (const settings of await readRoot(root)) {
      const rival = functions.get(settings.name);
      if (rival !== undefined) {
        throw new HealingError("CONFLICT", `Two functions are named ${settings.name}.`, {
          hint: `Rename one of ${rival.entrypoint} and ${settings.entrypoint}.`,
        });
      }
      functions.set(settings.name, settings);
    }
  }
  return functions;
}

async function readRoot(root: string): Promise<FunctionSettings[]> {
  const { folder, tables } = await readConfig(root);
  const functions: FunctionSettings[] = [];
  for (const name of await functionNames(root)) {
    const table = tables[name] ?? {};
    if (table.enabled === false) continue;
    const entrypoint = table.entrypoint === undefined
      ? `${root}/${name}/index.ts`
      : resolve(folder, table.entrypoint);
    const importMap = await importMapOf(`${root}/${name}`, folder, table);
    functions.push({ name, entrypoint, importMap, verifyJwt: table.verify_jwt ?? true });
  }
  return functions;
}

async function functionNames(root: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(root)) {
      if (entry.isDirectory && NAME.test(entry.name) && await isFile(`${root}/${entry.name}/index.ts`)) {
        names.push(entry.name);
      }
    }
  } catch (error) {
    throw new HealingError("NOT_FOUND", `Cannot read the functions in ${root}: ${messageOf(error)}`, {
      hint: "Check the path of the folder with the functions.",
      cause: error,
    });
  }
  return names.sort();
}

/** `config.toml` stands beside the folder with the functions, or in it. */
async function readConfig(
  root: string,
): Promise<{ folder: string; tables: Record<string, FunctionTable> }> {
  for (const folder of [root, join(root, "..")]) {
    const text = await Deno.readTextFile(`${folder}/config.toml`).catch(() => undefined);
    if (text !== undefined) return { folder, tables: readTables(text, `${folder}/config.toml`) };
  }
  return { folder: root, tables: {} };
}

function readTables(text: string, file: string): Record<string, FunctionTable> {
  try {
    return ConfigSchema.parse(parseToml(text)).functions ?? {};
  } catch (error) {
    throw new HealingError("CONFIG_MISSING", `Cannot read ${file}: ${messageOf(error)}`, {
      hint: "Correct the file; the tables of functions are named [functions.<name>].",
      cause: error,
    });
  }
}

async function importMapOf(
  functionFolder: string,
  configFolder: string,
  table: FunctionTable,
): Promise<string | undefined> {
  if (table.import_map !== undefined) return resolve(configFolder, table.import_map);
  const own = `${functionFolder}/deno.json`;
  return await isFile(own) ? own : undefined;
}

function isFile(path: string): Promise<boolean> {
  return Deno.stat(path).then((info) => info.isFile, () => false);
}
