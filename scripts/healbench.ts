/**
 * `deno task healbench`: really breaks every row of a failure catalogue that can be broken here, lets the system heal
 * it, and judges what came of it by the row's own steps and by what can be seen from outside.
 *
 * @module
 */

import { parseArgs } from "./healbench/arguments.ts";
import { readCases } from "./healbench/cases.ts";
import { printReport, summaryOf } from "./healbench/report.ts";
import { runCases } from "./healbench/run.ts";
import { startBenchServer } from "./healbench/server.ts";
import { print, printError } from "./lib/print.ts";
import { messageOf } from "../supabase/functions/_shared/core/errors.ts";

async function main(args: readonly string[]): Promise<number> {
  const options = parseArgs(args);
  if (typeof options === "string") {
    print(options);
    return args.some((arg) => arg === "--help" || arg === "-h") ? 0 : 2;
  }
  const all = await readCases(options.cases);
  const cases = all.filter(({ id, layer }) =>
    (options.only === undefined || options.only.split(",").includes(id)) &&
    (options.layer === undefined || options.layer === layer)
  );
  await using server = await startBenchServer(options.db, printError);
  const verdicts = await runCases(cases, server, ({ id, verdict }, done, total) => {
    if (done % 10 === 0 || done === total || verdict === "harmed") {
      printError(`${done} of ${total}: ${id} ${verdict}`);
    }
  });
  printReport(verdicts, options.verbose);
  if (options.json) print(JSON.stringify(summaryOf(verdicts)));
  return verdicts.some(({ verdict }) => verdict === "harmed") ? 1 : 0;
}

try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  printError(messageOf(error));
  Deno.exit(2);
}
