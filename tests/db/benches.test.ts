/** The benches that make the tables, at their smallest: that they run and have their rows, not how fast anything is. */

import assert from "node:assert/strict";
import { compareInstances } from "../../scripts/bench/instances.sim.ts";
import { batchPromises } from "../../scripts/bench/beforeAfter/batches.ts";
import { measurePromises } from "../../scripts/bench/beforeAfter.sim.ts";
import { outagePromises } from "../../scripts/bench/beforeAfter/outages.ts";
import { patternPromises } from "../../scripts/bench/beforeAfter/patterns.ts";
import { promiseTable } from "../../scripts/bench/beforeAfter/promise.ts";
import { peersTable } from "../../scripts/bench/contests/peersTable.ts";
import { CONTEST_GROUPS, measurePeers } from "../../scripts/bench/peers.sim.ts";
import { startScratchServer } from "../../scripts/lib/scratchServer.ts";

Deno.test("measurePeers() has a row for each peer of each group, with a ratio, and says what it does", async () => {
  const said: string[] = [];
  const rows = await measurePeers(CONTEST_GROUPS, 1, (line) => said.push(line));
  assert.equal(said.filter((line) => / of 6: [^(]*$/.test(line)).length, CONTEST_GROUPS.length);
  for (
    const peer of [
      "JSON.parse",
      "jsonrepair",
      "cockatiel",
      "opossum",
      "pg-boss",
      "graphile-worker",
      "bare supabase.rpc",
      "empty function",
    ]
  ) {
    const own = rows.filter((row) => row.peer.startsWith(peer));
    assert.ok(own.length > 0, peer);
    assert.ok(own.some(({ inReadme }) => inReadme), `${peer} is not in the README`);
  }
  assert.ok(rows.every(({ ratio }) => Number.isFinite(ratio.median)), JSON.stringify(rows));
  assert.equal(peersTable(rows).split("\n").length, rows.length + 2);
});

Deno.test("measurePromises() finds batches whole, no log entry lost and few bad patterns, where plain code has none of it", async () => {
  const rows = await measurePromises([batchPromises, patternPromises, outagePromises], 0.05, () => {});
  const of = (promise: string) => rows.find((row) => row.promise.startsWith(promise))!;
  assert.deepEqual([of("batch success").without, of("batch success").withIt], ["0 %", "100 %"]);
  assert.equal(of("bad patterns").isKept, true);
  const losses = rows.filter(({ promise }) => promise === "log loss 0");
  assert.ok(losses.length === 2 && losses.every(({ isKept }) => isKept), JSON.stringify(losses));
  assert.equal(promiseTable(rows).split("\n").length, rows.length + 2);
});

Deno.test("compareInstances() finds that instances do all of the work together, and each piece once", async () => {
  await using server = await startScratchServer();
  const size = { rows: 1_000, counts: [1, 2], captures: 800, errors: 20, writes: 20, questions: 4 };
  const findings = await compareInstances(await server.createDatabase(), size);
  const wrong = findings.filter(({ figure }) => figure.endsWith("not done, or done twice"));
  assert.equal(wrong.length, 8);
  assert.ok(wrong.every(({ value }) => value === 0), JSON.stringify(wrong));
});
