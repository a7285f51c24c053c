/**
 * `deno task bench peers [--rounds N] [--only name] [--write]`: ours against its peers, all in one run: the JSON parser,
 * the breaker, retries, claiming and finishing work, the write path, the start of a function.
 *
 * Times differ from machine to machine; ratios within a run tell. The contestants take turns, the ratio is taken round by
 * round, and its median and its spread are what is shown. `--write` puts the table into the documents.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { writeIntoDocument } from "../lib/documentTable.ts";
import { print, printError } from "../lib/print.ts";
import { breakerContests } from "./contests/breakers.ts";
import { coldStartContests } from "./contests/coldStart.ts";
import type { ContestGroup, ContestRow } from "./contests/contest.ts";
import { inTurn } from "./contests/inTurn.ts";
import { parserContests } from "./contests/parsers.ts";
import { peersTable } from "./contests/peersTable.ts";
import { queueContests } from "./contests/queues.ts";
import { retryContests } from "./contests/retries.ts";
import { writeContests } from "./contests/writes.ts";

/** Everything that is compared, in the order of the table. */
export const CONTEST_GROUPS: readonly ContestGroup[] = [
  parserContests,
  breakerContests,
  retryContests,
  queueContests,
  writeContests,
  coldStartContests,
];

const README = new URL("../../README.md", import.meta.url);
const DOCUMENT = new URL("../../docs/benches.md", import.meta.url);

/** All rows, one group after the other; says what it is about to do. */
export async function measurePeers(
  groups: readonly ContestGroup[],
  rounds: number,
  onProgress: (line: string) => void,
): Promise<ContestRow[]> {
  return await inTurn(groups, (group) => group.run({ rounds }), onProgress);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: Deno.args,
    options: { rounds: { type: "string" }, only: { type: "string" }, write: { type: "boolean" } },
  });
  const groups = CONTEST_GROUPS.filter(({ name }) => name.includes(values.only ?? ""));
  const rounds = Number(values.rounds ?? Infinity);
  if (!(rounds >= 1)) {
    throw new RangeError(`Cannot run as "--rounds" must be >= 1: current value is ${values.rounds}`);
  }
  if (values.write && (rounds < Infinity || groups.length < CONTEST_GROUPS.length)) {
    throw new RangeError("Cannot write a table of a part: leave out --rounds and --only");
  }
  const rows = await measurePeers(groups, rounds, printError);
  print(peersTable(rows));
  if (!values.write) return;
  await writeIntoDocument(README, "bench", peersTable(rows.filter(({ inReadme }) => inReadme)));
  await writeIntoDocument(DOCUMENT, "bench", peersTable(rows));
  print("Written into README.md and docs/benches.md.");
}

if (import.meta.main) await main();
