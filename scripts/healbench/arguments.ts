/** The arguments of `deno task healbench`. @module */

import { OWN_CASES } from "./cases.ts";

/** What to run, on which server, and what to print. */
export interface BenchArguments {
  cases: string;
  db: string | undefined;
  only: string | undefined;
  layer: string | undefined;
  json: boolean;
  verbose: boolean;
}

const USAGE =
  `Usage: deno task healbench [--cases FILE] [--db URL] [--layer NAME] [--only ID,ID] [--verbose] [--json]
  --cases FILE   a catalogue, one JSON object a line; our own rows when left out
  --db URL       a superuser's connection string of another server; an embedded one when left out
  --layer NAME   only the rows of one layer
  --only ID,ID   only these rows
  --verbose      each row's verdict with what was done and why
  --json         ends with one line of JSON
  Ends with 1 when a row was harmed.`;

/** The options, or the usage when they are none. */
export function parseArgs(args: readonly string[]): BenchArguments | string {
  const values: Record<string, string> = {};
  const flags = new Set<string>();
  for (let index = 0; index < args.length; index++) {
    const [name = "", joined] = args[index]!.split(/=(.*)/s);
    if (["--json", "--verbose"].includes(name)) flags.add(name);
    else if (["--cases", "--db", "--layer", "--only"].includes(name)) {
      const value = joined ?? args[++index];
      if (value === undefined) return USAGE;
      values[name] = value;
    } else return USAGE;
  }
  return {
    cases: values["--cases"] ?? OWN_CASES,
    db: values["--db"],
    only: values["--only"],
    layer: values["--layer"],
    json: flags.has("--json"),
    verbose: flags.has("--verbose"),
  };
}
