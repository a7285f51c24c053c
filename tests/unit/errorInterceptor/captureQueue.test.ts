import assert from "node:assert/strict";
import { createLogger } from "../../../supabase/functions/_shared/core/logger.ts";
import { restoreLog } from "../../../supabase/functions/_shared/core/restoreLines.ts";
import { analyzeError } from "../../../supabase/functions/_shared/errorAnalysis.ts";
import { CaptureQueue } from "../../../supabase/functions/_shared/errorInterceptor/captureQueue.ts";
import type { CapturedError } from "../../../supabase/functions/_shared/healingDb.ts";

Deno.test("CaptureQueue reads the next batch while one is stored, and each error once", async () => {
  const read: string[] = [];
  const batches: string[][] = [];
  const readAtFirstAnswer = Promise.withResolvers<number>();
  let wakeReader = () => {};
  const capture = async (errors: readonly CapturedError[]) => {
    batches.push(errors.map(({ error_message }) => error_message));
    if (batches.length > 1) return;
    // The database takes its time until the next batch has been read.
    while (read.length < 200) await new Promise<void>((resolve) => wakeReader = resolve);
    readAtFirstAnswer.resolve(read.length);
  };
  const queue = new CaptureQueue({
    sink: () => Promise.resolve({ capture }),
    analyze: async (thrown, context) => {
      const analyzed = await analyzeError(thrown, context);
      read.push(analyzed.captured.error_message);
      wakeReader();
      return analyzed;
    },
    restoreLog: restoreLog(),
    logger: createLogger("test"),
  });
  const words = Array.from({ length: 250 }, (_, index) => `it failed with ${index}`);
  for (const message of words) queue.push(new Error(message), {});
  await queue.flush();
  assert.equal(await readAtFirstAnswer.promise, 200);
  assert.deepEqual(batches.map(({ length }) => length), [100, 100, 50]);
  assert.deepEqual(batches.flat(), words);
  assert.deepEqual(read.toSorted(), words.toSorted());
});
