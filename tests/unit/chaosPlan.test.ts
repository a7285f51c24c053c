import assert from "node:assert/strict";
import { FAULT_KINDS, planFaults } from "../../scripts/chaos/plan.ts";
import { parseArguments } from "../../scripts/chaos/program.ts";

Deno.test("planFaults() gives the same schedule for the same seed, and another one for another", () => {
  const size = { seconds: 180 };
  assert.deepEqual(planFaults(7, size), planFaults(7, size));
  assert.notDeepEqual(planFaults(7, size), planFaults(8, size));
});

Deno.test("planFaults() commits every kind before one comes again, several at once, and none in the last tenth", () => {
  for (const seed of [1, 2, 3]) {
    const faults = planFaults(seed, { seconds: 180 });
    assert.equal(
      new Set(faults.slice(0, FAULT_KINDS.length).map(({ kind }) => kind)).size,
      FAULT_KINDS.length,
    );
    assert.ok(faults.every(({ atMs }) => atMs < 162_000));
    const together = faults.filter(({ atMs, lastsMs }, index) =>
      (faults[index + 1]?.atMs ?? Infinity) < atMs + lastsMs
    );
    assert.ok(together.length > 5, `${together.length} overlap in seed ${seed}`);
  }
});

Deno.test("parseArguments() takes what the usage says, and nothing else", () => {
  const { seed, ...rest } = parseArguments([])!;
  assert.ok(seed >= 0);
  assert.deepEqual(rest, { seconds: 180, kinds: FAULT_KINDS, json: false });
  assert.deepEqual(
    parseArguments(["--seconds", "20", "--seed=7", "--kinds", "disk full, network cut", "--json"]),
    {
      seconds: 20,
      seed: 7,
      kinds: ["disk full", "network cut"],
      json: true,
    },
  );
  for (const wrong of [["--seconds"], ["--seconds", "0"], ["--seed", "x"], ["--kinds", "rain"], ["--fast"]]) {
    assert.equal(parseArguments(wrong), undefined, wrong.join(" "));
  }
});
