/**
 * Fails when `config.toml`, the shared `deno.json` and the folders of the functions do not say the same: the
 * platform deploys what stands there and stays silent about what is missing.
 *
 * @module
 */

import type { Gate, GateContext } from "../lib/gate.ts";
import { messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { parseToml, type TomlTables, type TomlValue } from "../lib/toml.ts";

/** The gate. */
export const configGate: Gate = { name: "config", run: checkConfig };

const CONFIG = "supabase/config.toml";
const IMPORT_MAP = "supabase/functions/deno.json";

async function checkConfig(context: GateContext): Promise<string[]> {
  const files = await context.files();
  const problems = [...checkFolders(files), ...await checkImportMap(context, files)];
  if (!files.includes(CONFIG)) return [...problems, `${CONFIG} is missing: list every function in it`];
  try {
    const tables = parseToml(await context.read(CONFIG));
    return [
      ...problems,
      ...checkTables(tables),
      ...functionsOf(files).flatMap((name) => checkFunction(name, tables)),
    ];
  } catch (error) {
    return [...problems, `${CONFIG}: ${messageOf(error)}: keep to one value a line`];
  }
}

/** Every folder that the deploy takes for a function, and those that were meant to be one. */
function functionsOf(files: string[]): string[] {
  const names = files.map((path) => /^supabase\/functions\/([^/]+)\//.exec(path)?.[1] ?? "");
  return [...new Set(names)].filter((name) => name !== "" && !name.startsWith("_"));
}

function checkFolders(files: string[]): string[] {
  return functionsOf(files).flatMap((name) => {
    const folder = `supabase/functions/${name}`;
    const absent = ["index.ts", "handler.ts"].filter((file) => !files.includes(`${folder}/${file}`));
    const stray = ["deno.json", "deno.jsonc", "import_map.json"].filter((file) =>
      files.includes(`${folder}/${file}`)
    );
    return [
      ...(/^[A-Za-z][A-Za-z0-9_-]*$/.test(name)
        ? []
        : [`${folder}: the platform refuses this name: use letters, digits and -`]),
      ...absent.map((file) => `${folder}: has no ${file}: index.ts wires, handler.ts decides`),
      ...stray.map((file) => `${folder}/${file}: would replace the shared settings: delete it`),
    ];
  });
}

function checkTables(tables: TomlTables): string[] {
  const cron = [...tables.keys()].filter((name) => name === "cron" || name.startsWith("cron."));
  return cron.map((name) => `${CONFIG}: [${name}] is ignored by the platform: schedules are SQL`);
}

function checkFunction(name: string, tables: TomlTables): string[] {
  const table = tables.get(`functions.${name}`);
  if (table === undefined) return [`${CONFIG}: does not list ${name}: add [functions.${name}]`];
  const wanted: [string, TomlValue][] = [
    ["entrypoint", `./functions/${name}/index.ts`],
    ["import_map", "./functions/deno.json"],
  ];
  const wrong = wanted.filter(([key, value]) => table.get(key) !== value)
    .map(([key, value]) => `${CONFIG}: [functions.${name}] needs ${key} = ${JSON.stringify(value)}`);
  if (typeof table.get("verify_jwt") === "boolean") return wrong;
  return [
    ...wrong,
    `${CONFIG}: [functions.${name}] does not say verify_jwt: the platform would keep whatever it has`,
  ];
}

async function checkImportMap(context: GateContext, files: string[]): Promise<string[]> {
  if (!files.includes(IMPORT_MAP)) return [`${IMPORT_MAP} is missing: the functions share it`];
  try {
    const settings: unknown = JSON.parse(await context.read(IMPORT_MAP));
    if (typeof settings !== "object" || settings === null) return [`${IMPORT_MAP}: is not an object`];
    return [
      ...("imports" in settings ? [`${IMPORT_MAP}: has imports: pin the package inline in its adapter`] : []),
      ...("lock" in settings && settings.lock === false
        ? []
        : [`${IMPORT_MAP}: needs "lock": false: deploy does not send a lock file`]),
    ];
  } catch (error) {
    return [`${IMPORT_MAP}: is not pure JSON (${messageOf(error)}): the platform reads it as an import map`];
  }
}
