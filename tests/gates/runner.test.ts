/** The commands around the gates: what they run, and what makes them fail. @module */

import assert from "node:assert/strict";
import { GATES, runGates } from "../../scripts/gates.ts";
import { runSteps } from "../../scripts/ok.ts";

Deno.test("runGates() refuses a gate that does not exist, and runs those that are named", async () => {
  assert.equal(await runGates(["layers", "manners"], false), false);
  assert.equal(await runGates(["adapters"], false), true);
});

Deno.test("runGates() knows every file in scripts/gates by the name of its gate", async () => {
  const files: string[] = [];
  for await (const entry of Deno.readDir(new URL("../../scripts/gates", import.meta.url))) {
    if (entry.isFile) files.push(entry.name.replace(/\.ts$/, ""));
  }
  assert.deepEqual(GATES.map(({ name }) => name).sort(), files.sort());
});

Deno.test("runSteps() goes on after a failure and names what failed", async () => {
  const steps = [
    { name: "first", args: ["eval", "Deno.exit(1)"] },
    { name: "second", args: ["eval", "1 + 1"] },
    { name: "third", args: ["no-such-command"] },
  ];
  assert.deepEqual(await runSteps(steps), ["first", "third"]);
});
