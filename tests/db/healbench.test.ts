import assert from "node:assert/strict";
import { OWN_CASES, readCases } from "../../scripts/healbench/cases.ts";
import { runCases } from "../../scripts/healbench/run.ts";
import { startBenchServer } from "../../scripts/healbench/server.ts";

Deno.test("the system heals its own catalogue of failures where the risk is low, and harms no row", async () => {
  await using server = await startBenchServer(undefined, () => {});
  const cases = await readCases(OWN_CASES);
  const verdicts = await runCases(cases, server);
  const told = verdicts.map(({ id, risk, verdict, reason }) => `${id} ${risk} ${verdict}: ${reason}`);
  const wrong = told.filter((line) =>
    / harmed: | escalated: /.test(line) || (/ low /.test(line) && !/ low healed: /.test(line)) ||
    (/ high /.test(line) && !/ high (?:leftAlone|decidedOnly): /.test(line))
  );
  assert.deepEqual(wrong, []);
  assert.equal(verdicts.length, cases.length);
  // Rows that cannot be broken on this server would pass without having been tried.
  assert.deepEqual(told.filter((line) => /setup fails|does not show|another failure/.test(line)), []);
});

Deno.test("readCases() names the line that is no row", async () => {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, '{"id": "A-1"}\n');
    await assert.rejects(readCases(file), { code: "BAD_REQUEST", message: /:1 is no row/ });
    await Deno.writeTextFile(file, "\nnot json\n");
    await assert.rejects(readCases(file), { code: "BAD_REQUEST", message: /:2 is no JSON/ });
  } finally {
    await Deno.remove(file);
  }
});
