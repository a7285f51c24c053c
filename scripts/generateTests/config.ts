/** What Deno needs to know of a project that was written for npm. @module */

import { isRecord } from "../../supabase/functions/_shared/core/unknownValues.ts";

/** A `deno.json` that finds the packages of `package.json` and the alias `@/`. */
export function projectConfig(
  files: readonly { path: string; content: string }[],
): { path: string; content: string } {
  const packages = dependenciesOf(files.find(({ path }) => path === "package.json")?.content ?? "{}");
  const imports = Object.fromEntries(
    packages.flatMap((
      [name, version],
    ) => [[name, `npm:${name}@${version}`], [`${name}/`, `npm:/${name}@${version}/`]]),
  );
  return {
    path: "deno.json",
    content: JSON.stringify({
      imports: { "@/": "./src/", ...imports },
      compilerOptions: { jsx: "react-jsx", jsxImportSource: "react" },
      nodeModulesDir: "none",
      unstable: ["sloppy-imports"],
      lock: false,
    }),
  };
}

function dependenciesOf(text: string): [string, string][] {
  try {
    const read = JSON.parse(text);
    const all = isRecord(read) && isRecord(read.dependencies) ? read.dependencies : {};
    return Object.entries(all).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  } catch {
    return [];
  }
}
