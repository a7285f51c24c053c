/**
 * What the resilient write path costs against a bare `supabase.rpc` that does the plain insert: over HTTP, through the
 * gateway, into a real Postgres, in alternating runs, as medians.
 *
 * The bounds are those of the design: an insert of 1 and of 100 rows at most 1.10 times the bare call, 1.25 times with an
 * idempotency key; 10,000 rows of which 1 % are bad at most 4 times the clean batch. `--runs N` sets the number of runs.
 *
 * @module
 */

import type { Row } from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import { print } from "../lib/print.ts";
import { printTable } from "../lib/printTable.ts";
import { quantileOf } from "../lib/simulation.ts";
import { takeTurns, timed } from "./contests/takeTurns.ts";
import { messages, openWritingPlace } from "./contests/writes.ts";

interface Measured {
  what: string;
  medians: Record<string, number>;
}

/** The median of each kind, in milliseconds. */
async function alternate(
  runs: number,
  kinds: Readonly<Record<string, () => PromiseLike<unknown>>>,
): Promise<Record<string, number>> {
  const sides = Object.fromEntries(Object.entries(kinds).map(([name, call]) => [name, timed(call)]));
  const times = await takeTurns(sides, { rounds: runs, warmUp: Math.ceil(runs / 5) });
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, quantileOf(list, 0.5)]));
}

function items(from: number, isBad: (n: number) => boolean): Row[] {
  return Array.from(
    { length: 10_000 },
    (_, n) => ({ n: from + n, name: "an item", price: isBad(n) ? -1 : n }),
  );
}

const runsAt = Deno.args.indexOf("--runs");
const runs = runsAt < 0 ? 400 : Number(Deno.args[runsAt + 1]);
const place = await openWritingPlace();
const { db } = place;
const measured: Measured[] = [];

for (const count of [1, 100]) {
  const rows = messages(count);
  const medians = await alternate(runs, {
    bare: () => place.plainInsert(rows),
    "resilientDb, no key": () => db.insert("messages", rows, { key: false }),
    "resilientDb, with key": () => db.insert("messages", rows),
  });
  measured.push({ what: `insert of ${count}`, medians });
}

let used = 0;
const bad = await alternate(5, {
  bare: () => db.insert("items", items(used++ * 10_000, () => false)),
  "1 % bad": () => db.insert("items", items(used++ * 10_000, (n) => n % 100 === 57)),
});
measured.push({ what: "10,000 rows", medians: bad });
await place[Symbol.asyncDispose]();

const LIMITS: Readonly<Record<string, number>> = {
  "resilientDb, no key": 1.1,
  "resilientDb, with key": 1.25,
  "1 % bad": 4,
};
let isBroken = false;
printTable(measured.flatMap(({ what, medians }) =>
  Object.entries(medians).map(([kind, time]) => {
    const ratio = time / medians.bare!;
    const limit = LIMITS[kind];
    if (limit !== undefined && ratio > limit) isBroken = true;
    return {
      write: what,
      kind: kind === "bare" ? "baseline" : kind,
      "median (ms)": time.toFixed(3),
      ratio: ratio.toFixed(3),
      limit: limit ?? "",
    };
  })
));
print(`${runs} alternating runs of each kind`);
if (isBroken) Deno.exitCode = 1;
