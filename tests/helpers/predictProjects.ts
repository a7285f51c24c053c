/**
 * The small projects of `tests/corpus/predict`: broken ones with what is planted in them, and healthy ones.
 *
 * A file begins with its title and what is known of it (`missing:` one need a line, `secrets:`, `redirects:`,
 * `providers:`); each `--- path` begins a file of the project.
 *
 * @module
 */

import type { CheckOptions, ProjectSources } from "../../supabase/functions/_shared/predictiveHealing.ts";

/** One project. */
export interface PredictProject {
  name: string;
  sources: ProjectSources & { migrations: { name: string; sql: string }[] };
  options: CheckOptions;
  /** The names of the needs that are planted. */
  missing: string[];
  isHealthy: boolean;
}

const FOLDER = decodeURIComponent(new URL("../corpus/predict", import.meta.url).pathname);

/** All projects in the order of their names. */
export async function predictProjects(): Promise<PredictProject[]> {
  const names = (await Array.fromAsync(Deno.readDir(FOLDER))).map(({ name }) => name).sort();
  return await Promise.all(
    names.map(async (name) => read(name, await Deno.readTextFile(`${FOLDER}/${name}`))),
  );
}

function read(name: string, text: string): PredictProject {
  const [head = "", ...parts] = text.split(/^--- /m);
  const files = parts.map((part) => {
    const end = part.indexOf("\n");
    return { path: part.slice(0, end).trim(), text: part.slice(end + 1) };
  });
  const lines = (key: string) =>
    head.split("\n").filter((line) => line.startsWith(`${key}:`)).map((line) =>
      line.slice(key.length + 1).trim()
    );
  const list = (key: string) =>
    lines(key)[0]?.split(",").map((item) => item.trim()).filter((item) => item !== "");
  const isMigration = (path: string) => path.endsWith(".sql");
  return {
    name: name.replace(/\.txt$/, ""),
    sources: {
      migrations: files.filter(({ path }) => isMigration(path)).map(({ path, text }) => ({
        name: path.split("/").at(-1)!,
        sql: text,
      })),
      functions: files.filter(({ path }) => !isMigration(path)).map(({ path, text }) => ({
        path,
        source: text,
      })),
    },
    options: {
      functions: [],
      secrets: list("secrets") ?? [],
      redirectUrls: list("redirects"),
      providers: list("providers"),
    },
    missing: lines("missing"),
    isHealthy: name.startsWith("healthy_"),
  };
}
