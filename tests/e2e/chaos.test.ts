import assert from "node:assert/strict";
import { brokenOf } from "../../scripts/chaos/program.ts";
import { runChaos } from "../../scripts/chaos/run.ts";

/** The long form is `deno task chaos`. */
const SECONDS = 10;
const SEED = 20;

Deno.test({
  name: "runChaos() of a fixed seed loses nothing, does nothing twice and leaves nothing in limbo",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const lines: string[] = [];
    const logFile = await Deno.makeTempFile({ suffix: ".log" });
    const onProgress = (line: string) => void lines.push(line);
    const report = await runChaos({ seconds: SECONDS, seed: SEED, meanGapMs: 1_200, logFile, onProgress });
    assert.deepEqual(brokenOf(report), [], lines.join("\n"));
    assert.ok(report.faults.length >= 4, "faults were committed");
    assert.ok(report.savedRows > 0, "clients were served");
    await Deno.remove(logFile);
  },
});
