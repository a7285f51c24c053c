import assert from "node:assert/strict";
import { Bulkhead } from "../../supabase/functions/_shared/bulkhead.ts";

Deno.test("Bulkhead.execute() runs as many calls as fit, lets some wait, and refuses the rest uncalled", async () => {
  const bulkhead = new Bulkhead({ maxConcurrent: 2, maxQueued: 1 });
  const gate = Promise.withResolvers<string>();
  let started = 0;
  const call = () => bulkhead.execute(() => (started++, gate.promise));
  const running = [call(), call(), call()];
  await assert.rejects(call(), { code: "UNAVAILABLE" });
  assert.deepEqual([started, bulkhead.free], [2, 0]);
  gate.resolve("done");
  assert.deepEqual(await Promise.all(running), ["done", "done", "done"]);
  assert.deepEqual([started, bulkhead.free], [3, 2]);
});

Deno.test("Bulkhead.execute() throws the work's own error and frees its place", async () => {
  const bulkhead = new Bulkhead({ maxConcurrent: 1 });
  await assert.rejects(bulkhead.execute(() => Promise.reject(new Error("own"))), /^Error: own$/);
  assert.equal(await bulkhead.execute((signal) => signal.aborted), false);
});

Deno.test("Bulkhead refuses numbers that make no sense, and says what it was given", () => {
  assert.throws(
    () => new Bulkhead({ maxConcurrent: 0 }),
    /"maxConcurrent" must be a whole number >= 1: current value is 0/,
  );
  assert.throws(
    () => new Bulkhead({ maxQueued: 0.5 }),
    /"maxQueued" must be a whole number >= 0: current value is 0.5/,
  );
});
