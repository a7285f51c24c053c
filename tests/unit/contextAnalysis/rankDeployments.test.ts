/** Which deployment an error is blamed on, and that time alone blames nobody for certain. */

import assert from "node:assert/strict";
import { filesOfTrace, rankDeployments } from "../../../supabase/functions/_shared/contextAnalysis.ts";

const AT = Date.parse("2026-11-30T12:00:00Z");
const ERROR = { firstSeenAtMs: AT, functionName: "checkout", frames: ["/var/task/src/checkout/price.ts"] };

function deployed(id: string, minutesBefore: number, changes: object = {}) {
  return {
    id,
    deployedAtMs: AT - minutesBefore * 60_000,
    files: [],
    functions: [],
    evidence: null,
    ...changes,
  };
}

Deno.test("rankDeployments() puts what the trace names before what is only closer in time", () => {
  const ranked = rankDeployments(ERROR, [
    deployed("near", 1),
    deployed("named", 40, { files: ["src/checkout/price.ts"] }),
    deployed("own", 50, { functions: ["checkout"], evidence: 1_000 }),
  ]);
  assert.deepEqual(ranked.map(({ id }) => id), ["own", "named", "near"]);
  assert.match(
    ranked[0]!.reason,
    /50 minutes after it; it changed the function checkout; evidence that the error rate has risen: 1000/,
  );
  assert.ok(ranked.every(({ score }) => score >= 0 && score <= 1));
});

Deno.test("rankDeployments() leaves out what was deployed after the error, but for the difference of two clocks", () => {
  const ranked = rankDeployments(ERROR, [
    deployed("later", -5),
    deployed("skewed", -1),
    deployed("before", 1),
  ]);
  assert.deepEqual(ranked.map(({ id }) => id).sort(), ["before", "skewed"]);
});

Deno.test("rankDeployments() is not moved by evidence that is none, nor by names that every project has", () => {
  const odd = [0, 1, Number.NaN, Infinity, -5, null].map((evidence, index) =>
    deployed(`d${index}`, 10, { evidence })
  );
  for (const { id, score } of rankDeployments(ERROR, odd)) {
    assert.ok(Number.isFinite(score), id);
    assert.equal(score > 0.5, id === "d3", id);
  }
  const [bare] = rankDeployments({ ...ERROR, frames: ["index.ts"] }, [
    deployed("d", 0, { files: ["src/other/index.ts", "index.ts"] }),
  ]);
  assert.equal(bare!.parts.overlap, 0);
});

Deno.test("rankDeployments() orders equals by the later one, then by id, and nobody when there is nobody", () => {
  const ranked = rankDeployments({ ...ERROR, frames: [] }, [deployed("b", 5), deployed("a", 5)]);
  assert.deepEqual(ranked.map(({ id }) => id), ["a", "b"]);
  assert.deepEqual(rankDeployments(ERROR, []), []);
});

Deno.test("filesOfTrace() reads the paths of a stack trace, also of a hostile one, in time", () => {
  const trace =
    "Error: x\n  at f (file:///home/deno/functions/chat/index.ts:3:1)\n  at g (https://x.test/_shared/retry.ts:9)";
  assert.deepEqual(filesOfTrace(trace), [
    "///home/deno/functions/chat/index.ts",
    "//x.test/_shared/retry.ts",
  ]);
  const startedAt = performance.now();
  filesOfTrace("a/".repeat(200_000));
  filesOfTrace("x".repeat(400_000));
  assert.ok(performance.now() - startedAt < 1_000);
});
