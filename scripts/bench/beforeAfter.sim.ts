/**
 * `deno task bench beforeAfter [--share 0.1] [--only name] [--write]`: what the original documents promise, measured without
 * the library and with it, on the same work from the same seed, on the embedded Postgres and local servers.
 *
 * Nothing here is a bound: a promise that is not kept is shown as that. `--share` makes everything smaller; `--write` puts
 * the table into the documents.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { writeIntoDocument } from "../lib/documentTable.ts";
import { print, printError } from "../lib/print.ts";
import { batchPromises } from "./beforeAfter/batches.ts";
import { healingTimePromises } from "./beforeAfter/healingTimes.ts";
import { modelCallPromises } from "./beforeAfter/modelCalls.ts";
import { outagePromises } from "./beforeAfter/outages.ts";
import { patternPromises } from "./beforeAfter/patterns.ts";
import { type PromiseBench, type PromiseRow, promiseTable, shortened } from "./beforeAfter/promise.ts";
import { stalenessPromises } from "./beforeAfter/staleness.ts";
import { inTurn } from "./contests/inTurn.ts";

/** Everything that is promised, in the order of the table. */
export const PROMISE_BENCHES: readonly PromiseBench[] = [
  batchPromises,
  modelCallPromises,
  patternPromises,
  stalenessPromises,
  healingTimePromises,
  outagePromises,
];

const README = new URL("../../README.md", import.meta.url);
const DOCUMENT = new URL("../../docs/benches.md", import.meta.url);

/** All rows, one bench after the other; says what it is about to do. */
export async function measurePromises(
  benches: readonly PromiseBench[],
  share: number,
  onProgress: (line: string) => void,
): Promise<PromiseRow[]> {
  return await inTurn(benches, (bench) => bench.measure(share), onProgress);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: Deno.args,
    options: { share: { type: "string" }, only: { type: "string" }, write: { type: "boolean" } },
  });
  const share = Number(values.share ?? 1);
  if (!(share > 0 && share <= 1)) {
    throw new RangeError(`Cannot run as "--share" must be > 0 and <= 1: current value is ${values.share}`);
  }
  const benches = PROMISE_BENCHES.filter(({ name }) => name.includes(values.only ?? ""));
  if (values.write && (share < 1 || benches.length < PROMISE_BENCHES.length)) {
    throw new RangeError("Cannot write a table of a part: leave out --share and --only");
  }
  const rows = await measurePromises(benches, share, printError);
  print(promiseTable(rows));
  if (!values.write) return;
  await writeIntoDocument(README, "before and after", promiseTable(shortened(rows)));
  await writeIntoDocument(DOCUMENT, "before and after", promiseTable(rows));
  print("Written into README.md and docs/benches.md.");
}

if (import.meta.main) {
  await main();
  // What isolates leave waiting in the background would keep the process.
  Deno.exit();
}
