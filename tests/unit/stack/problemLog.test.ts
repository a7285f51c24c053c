import assert from "node:assert/strict";
import { ProblemLog } from "../../../scripts/stack/problemLog.ts";
import { createLogger } from "../../../supabase/functions/_shared/core/logger.ts";

Deno.test("ProblemLog.report() says a lasting problem once, another one, and the first again after a recovery", () => {
  const messages: string[] = [];
  const problems = new ProblemLog(
    createLogger("test", (_level, line) => messages.push(JSON.parse(line).message)),
  );
  for (let second = 0; second < 5; second++) problems.report("no jobs", new Error("refused"));
  problems.report("no jobs", new Error("timed out"));
  problems.clear();
  problems.report("no jobs", new Error("timed out"));
  assert.deepEqual(messages, ["no jobs: refused", "no jobs: timed out", "no jobs: timed out"]);
});
