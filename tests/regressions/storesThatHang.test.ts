import assert from "node:assert/strict";
import { BatchQueue } from "../../supabase/functions/_shared/errorInterceptor/batchQueue.ts";
import { FakeClock } from "../helpers/fakeClock.ts";
import { waitFor } from "../helpers/waiting.ts";

Deno.test("what is captured does not wait for ever behind a store that does not answer", async () => {
  const clock = new FakeClock("2026-11-29T12:00:00Z");
  const [stored, lost]: [string[], string[]] = [[], []];
  let asked = 0;
  const queue = new BatchQueue<string>({
    store: (items) => ++asked === 1 ? new Promise(() => {}) : Promise.resolve(stored.push(...items)),
    lost: (item) => void lost.push(item),
    dropped: () => {},
    clock,
  });
  queue.push("behind which the others wait");
  await waitFor("the first question", () => asked === 1);
  queue.push("one");
  queue.push("two");
  clock.advance(60_000);
  await queue.flush();
  assert.deepEqual([stored, lost], [["one", "two"], ["behind which the others wait"]]);
});
