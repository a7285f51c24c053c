import assert from "node:assert/strict";
import {
  type RecordSource,
  StrategyMemory,
  type StrategyRecord,
} from "../../../supabase/functions/_shared/healingStrategies.ts";
import { FakeClock } from "../../helpers/fakeClock.ts";
import { waitFor } from "../../helpers/waiting.ts";

const RETRY: StrategyRecord = { fixKind: "retry", successes: 3, failures: 1 };

function memoryOf(source: RecordSource) {
  const clock = new FakeClock("2026-11-29T12:00:00Z");
  return { clock, memory: new StrategyMemory({ source, clock }) };
}

Deno.test("StrategyMemory.recall() answers at once and asks its source for next time, once a minute", async () => {
  let reads = 0;
  const { clock, memory } = memoryOf(() => (reads++, Promise.resolve([RETRY])));
  assert.equal(memory.recall("s").size, 0);
  await waitFor("the answer", () => memory.recall("s").size === 1);
  for (let failure = 0; failure < 100; failure++) memory.recall("s");
  assert.equal(reads, 1);
  clock.advance(60_000);
  memory.recall("s");
  assert.equal(reads, 2);
});

Deno.test("StrategyMemory goes on by what the isolate saw when its source fails, hangs, lies or has no memory", async () => {
  const sources: RecordSource[] = [
    () => Promise.reject(new Error("no database")),
    () => {
      throw new Error("no database");
    },
    () => new Promise(() => {}),
    () => Promise.resolve(undefined),
  ];
  for (const source of sources) {
    const { memory } = memoryOf(source);
    memory.note("s", "retry", true);
    memory.recall("s");
    await Promise.resolve();
    assert.equal(memory.recall("s").get("retry")?.successes, 1);
  }
  const { memory } = memoryOf(() =>
    Promise.resolve([{ ...RETRY, successes: NaN }, { ...RETRY, fixKind: "clear_cache", failures: -1 }, RETRY])
  );
  memory.recall("s");
  await waitFor("the usable record", () => memory.recall("s").size > 0);
  assert.deepEqual([...memory.recall("s").values()], [RETRY]);
});

Deno.test("StrategyMemory keeps neither all signatures nor all questions of a flood", async () => {
  let reads = 0;
  const { clock, memory } = memoryOf(() => (reads++, new Promise(() => {})));
  for (let index = 0; index < 10_000; index++) memory.note(`signature ${index}`, "retry", true);
  assert.equal(memory.recall("signature 9999").size, 1);
  assert.equal(memory.recall("signature 0").size, 0);
  for (let index = 0; index < 1_000; index++) memory.recall(`signature ${index}`);
  assert.equal(reads, 4);
  // A source that hangs gives its places back.
  clock.advance(10_000);
  await waitFor("a place", () => (memory.recall("another"), reads > 4));
});

Deno.test("StrategyMemory refuses a time that makes no sense", () => {
  assert.throws(() => new StrategyMemory({ refreshMs: 0 }), /"refreshMs" must be > 0: current value is 0/);
});
