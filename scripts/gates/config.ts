/**
 * Fails when `config.toml`, the shared `deno.json` and the folders of the functions do not say the same: the
 * platform deploys what stands there and stays silent about what is missing.
 *
 * @module
 */

import type { Gate, GateContext } from "../lib/gate.ts";
import { messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { parseToml } from "../stack/toml.ts";

/** The gate. */
export const configGate: Gate = { name: "config", run: checkConfig };

const CONFIG = "supabase/config.toml";
type Table = Record<string, unknown>;

const IMPORT_MAP = "supabase/functions/deno.json";

async function checkConfig(context: GateContext): Promise<string[]> {
  const files = await context.files();
  const problems = [...checkFolders(files), ...await checkImportMap(context, files)];
  if (!files.includes(CONFIG)) return [...problems, `${CONFIG} is missing: list every function in it`];
  try {
    const config: Table = parseToml(await context.read(CONFIG));
    const tables = tableOf(config.functions);
    return [
      ...problems,
      ...("cron" in config ? [`${CONFIG}: [cron] is ignored by the platform: schedules are SQL`] : []),
      ...functionsOf(files).flatMap((name) => checkFunction(name, tables[name])),
    ];
  } catch (error) {
    return [...problems, `${CONFIG}: cannot be read: ${messageOf(error).replaceAll(/\s+/g, " ")}`];
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

function checkFunction(name: string, found: unknown): string[] {
  if (found === undefined) return [`${CONFIG}: does not list ${name}: add [functions.${name}]`];
  const table = tableOf(found);
  const wanted = { entrypoint: `./functions/${name}/index.ts`, import_map: "./functions/deno.json" };
  const wrong = Object.entries(wanted).filter(([key, value]) => table[key] !== value)
    .map(([key, value]) => `${CONFIG}: [functions.${name}] needs ${key} = ${JSON.stringify(value)}`);
  if (typeof table.verify_jwt === "boolean") return wrong;
  return [
    ...wrong,
    `${CONFIG}: [functions.${name}] does not say verify_jwt: the platform would keep whatever it has`,
  ];
}

function tableOf(value: unknown): Table {
  return typeof value === "object" && value !== null ? value as Table : {};
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
