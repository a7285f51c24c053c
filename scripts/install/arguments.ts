/** What `deno task install` is asked for. @module */

import { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import type { DataChoice } from "./downScript.ts";

/** How to call it. */
export const USAGE = `Usage: deno task install --into DIR [options]
  --into DIR       the folder of your Supabase project; nothing in it is overwritten
  --dry-run        only says what would be done
  --shared NAME    the folder of the library below supabase/functions; _shared
  --renumber       gives our migrations versions behind your last one
  --include-all    leaves them theirs, where yours are newer
  --check          lists what of your code would fail without being healed
  --rewrite        with --check: rewrites what can be rewritten without changing what it does
  --json           with --check: prints the list as JSON
  --remove         takes all of it away again; say what becomes of the rows and of the database:
    --keep-data    the tables stay, closed to everybody but the service role
    --drop-data    the tables go
    --db URL       takes it out of this database, as its postgres role
    --script FILE  writes the SQL that does, for you to run
    --files-only   it was never pushed
  Ends with 0 when done, 1 when something stands in the way or is found, 2 when it cannot work.`;

const FLAGS = [
  "--dry-run",
  "--renumber",
  "--include-all",
  "--check",
  "--rewrite",
  "--json",
  "--remove",
  "--keep-data",
  "--drop-data",
  "--files-only",
] as const;
const WITH_VALUE = ["--into", "--shared", "--db", "--script"] as const;

/** How the database is reached when an installation is removed. */
export type DatabaseWay = { kind: "url"; url: string } | { kind: "script"; file: string } | { kind: "none" };

/** What is to be done. */
export type Task =
  | { kind: "install"; shared: string | undefined; order: "renumber" | "include-all" | undefined }
  | { kind: "check"; rewrite: boolean; json: boolean }
  | { kind: "remove"; data: DataChoice; way: DatabaseWay };

/** The arguments, understood. */
export interface Arguments {
  into: string;
  dryRun: boolean;
  task: Task;
}

/** Reads the arguments; throws a coded error that says what is missing. */
export function parseArguments(args: readonly string[]): Arguments {
  const values = new Map<string, string>();
  const flags = new Set<string>();
  for (let index = 0; index < args.length; index++) {
    const word = args[index]!;
    if ((FLAGS as readonly string[]).includes(word)) flags.add(word);
    else if (!(WITH_VALUE as readonly string[]).includes(word)) throw refuse(`${word} is not known`);
    else if (args[index + 1] === undefined || args[index + 1]!.startsWith("--")) {
      throw refuse(`${word} needs a value`);
    } else values.set(word, args[++index]!);
  }
  const into = values.get("--into");
  if (into === undefined) throw refuse("--into DIR is missing");
  return { into, dryRun: flags.has("--dry-run"), task: taskOf(flags, values) };
}

function refuse(problem: string): HealingError {
  return new HealingError("BAD_REQUEST", problem, { hint: USAGE });
}

function taskOf(flags: Set<string>, values: Map<string, string>): Task {
  if (flags.has("--remove")) return removal(flags, values);
  if (
    ["--keep-data", "--drop-data", "--files-only"].some((flag) => flags.has(flag)) || values.has("--script")
  ) {
    throw refuse("What becomes of the data is asked with --remove only");
  }
  if (flags.has("--check")) {
    return { kind: "check", rewrite: flags.has("--rewrite"), json: flags.has("--json") };
  }
  if (flags.has("--rewrite")) throw refuse("--rewrite goes with --check");
  const shared = values.get("--shared");
  if (shared !== undefined && !/^_[A-Za-z0-9_-]{1,60}$/.test(shared)) {
    throw refuse("--shared has to begin with _, so that it is not deployed as a function");
  }
  if (flags.has("--renumber") && flags.has("--include-all")) {
    throw refuse("--renumber or --include-all, not both");
  }
  const order = flags.has("--renumber") ? "renumber" : flags.has("--include-all") ? "include-all" : undefined;
  return { kind: "install", shared, order };
}

function removal(flags: Set<string>, values: Map<string, string>): Task {
  const [keep, drop] = [flags.has("--keep-data"), flags.has("--drop-data")];
  const ways: DatabaseWay[] = [];
  const [url, file] = [values.get("--db"), values.get("--script")];
  if (url !== undefined) ways.push({ kind: "url", url });
  if (file !== undefined) ways.push({ kind: "script", file });
  if (flags.has("--files-only")) ways.push({ kind: "none" });
  if (ways.length !== 1) throw refuse("--remove needs one of --db URL, --script FILE and --files-only");
  if (url !== undefined && !URL.canParse(url)) throw refuse("--db needs a connection string: postgresql://…");
  if (flags.has("--files-only")) return { kind: "remove", data: "drop", way: ways[0]! };
  if (keep === drop) throw refuse("--remove needs one of --keep-data and --drop-data");
  return { kind: "remove", data: keep ? "keep" : "drop", way: ways[0]! };
}
