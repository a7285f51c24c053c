/**
 * `deno task bench [name …] [--option …]`: runs the benches and prints each against the baseline of its group in the same run.
 *
 * Single times differ from machine to machine and from minute to minute; ratios and differences within a run tell.
 * A `*.sim.ts` is a simulation or a judgement: it prints its own table, gets what stands behind the first `--option`
 * (`deno task bench mappings --cases FILE --json`), and fails when a bound that must hold is broken.
 *
 * @module
 */

import { print, printError } from "./lib/print.ts";
import { printTable } from "./lib/printTable.ts";

interface BenchResult {
  name: string;
  group: string | null;
  baseline: boolean;
  results: { ok?: { avg: number; min: number; p75: number }; failed?: unknown }[];
}

const directory = new URL("./bench/", import.meta.url);

async function benchFiles(names: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for await (const { name } of Deno.readDir(directory)) {
    const wanted = names.length === 0 || names.some((part) => name.startsWith(part));
    if (/\.(bench|sim)\.ts$/.test(name) && wanted) files.push(new URL(name, directory).pathname);
  }
  return files.sort();
}

async function run(file: string): Promise<BenchResult[]> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["bench", "--allow-all", "--json", file],
    stderr: "inherit",
  }).output();
  if (code !== 0) throw new Error(`${file} ended with code ${code}`);
  return JSON.parse(new TextDecoder().decode(stdout)).benches;
}

function rowsOf(benches: readonly BenchResult[]): Record<string, unknown>[] {
  return benches.map((bench) => {
    const baseline = benches.find((other) => other.group === bench.group && other.baseline);
    const time = bench.results[0]?.ok?.avg ?? Number.NaN;
    const peer = baseline?.results[0]?.ok?.avg ?? Number.NaN;
    return {
      bench: bench.name,
      "mean (us)": (time / 1_000).toFixed(3),
      "against baseline": bench.baseline ? "baseline" : `${(time / peer).toFixed(2)}x`,
      "difference (us)": bench.baseline ? "" : ((time - peer) / 1_000).toFixed(3),
    };
  });
}

/** True when every bound held. */
async function simulate(file: string, options: readonly string[]): Promise<boolean> {
  const args = ["run", "--allow-all", file, ...options];
  return (await new Deno.Command(Deno.execPath(), { args }).spawn().status).success;
}

const firstOption = Deno.args.findIndex((word) => word.startsWith("--"));
const names = firstOption < 0 ? Deno.args : Deno.args.slice(0, firstOption);
const options = Deno.args.slice(names.length);
const broken: string[] = [];
const files = await benchFiles(names);
if (files.length === 0) {
  printError(`No bench begins with ${names.join(", ")}.`);
  Deno.exitCode = 1;
}
for (const file of files) {
  const name = file.slice(directory.pathname.length);
  if (!options.includes("--json")) print(`\n${name}`);
  if (!name.endsWith(".sim.ts")) printTable(rowsOf(await run(file)));
  else if (!await simulate(file, options)) broken.push(name);
}
if (broken.length > 0) {
  printError(`\nA bound is broken in ${broken.join(", ")}.`);
  Deno.exitCode = 1;
}
