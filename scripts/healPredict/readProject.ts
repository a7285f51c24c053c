/** Reads the files of a project: migrations, sources, and what its configuration says of sign-in. @module */

import { HealingError, messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { isRecord } from "../../supabase/functions/_shared/core/unknownValues.ts";
import type { CheckOptions } from "../../supabase/functions/_shared/predictiveHealing.ts";
import { parseEnvFile } from "../stack/envFile.ts";
import { parseToml } from "../stack/toml.ts";

/** The migrations of a folder in the order of their names. */
export async function readMigrationFolder(folder: string): Promise<{ name: string; sql: string }[]> {
  const names = (await entriesOf(folder)).filter(({ isFile, name }) => isFile && name.endsWith(".sql"))
    .map(({ name }) => name).sort();
  return await Promise.all(
    names.map(async (name) => ({ name, sql: await Deno.readTextFile(`${folder}/${name}`) })),
  );
}

const SOURCE = /\.[cm]?[jt]sx?$/;
const NO_SOURCE = /^(node_modules|dist|build|coverage|\..*)$|\.(test|spec)\.[jt]sx?$|\.d\.ts$/;

/** The sources below a folder, under their paths as they were given. */
export async function readSourceFolder(folder: string): Promise<{ path: string; source: string }[]> {
  const files: { path: string; source: string }[] = [];
  for (const { name, isDirectory, isFile } of await entriesOf(folder)) {
    const path = `${folder}/${name}`;
    if (NO_SOURCE.test(name)) continue;
    if (isDirectory) files.push(...await readSourceFolder(path));
    if (isFile && SOURCE.test(name)) files.push({ path, source: await Deno.readTextFile(path) });
  }
  return files;
}

async function entriesOf(folder: string): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(folder));
  } catch (cause) {
    throw new HealingError("BAD_REQUEST", `${folder} cannot be read`, {
      hint: "Name a folder that exists",
      cause,
    });
  }
}

/** The names of functions: folders that hold one. */
export async function functionNames(folder: string): Promise<string[]> {
  return (await entriesOf(folder)).filter(({ isDirectory, name }) => isDirectory && !/^[._]/.test(name))
    .map(({ name }) => name);
}

/** Names of the secrets in a file; the values go nowhere. */
export async function secretNames(file: string): Promise<string[]> {
  return Object.keys(parseEnvFile(await Deno.readTextFile(file)));
}

/** What `config.toml` says of sign-in: addresses, and providers that are on. */
export async function readSignIn(file: string): Promise<Pick<CheckOptions, "redirectUrls" | "providers">> {
  let config: Record<string, unknown>;
  try {
    config = parseToml(await Deno.readTextFile(file));
  } catch (cause) {
    throw new HealingError("BAD_REQUEST", `${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
  const auth = isRecord(config.auth) ? config.auth : {};
  const urls = Array.isArray(auth.additional_redirect_urls) ? auth.additional_redirect_urls : [];
  const external = isRecord(auth.external) ? auth.external : {};
  return {
    redirectUrls: [auth.site_url, ...urls].filter((url): url is string => typeof url === "string"),
    providers: Object.entries(external).filter(([, one]) => isRecord(one) && one.enabled === true)
      .map(([name]) => name),
  };
}
