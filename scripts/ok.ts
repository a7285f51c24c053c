/**
 * Runs everything that a contributor needs before a push: format, lint, types, gates, tests. One failure does
 * not hide another: all of them run, and the end says which failed.
 *
 * @module
 */

import { print, printError } from "./lib/print.ts";

interface Step {
  name: string;
  args: string[];
}

const STEPS: readonly Step[] = [
  { name: "fmt", args: ["fmt", "--check"] },
  { name: "lint", args: ["lint"] },
  { name: "check", args: ["task", "--quiet", "check"] },
  { name: "gates", args: ["task", "--quiet", "gates"] },
  { name: "test", args: ["task", "--quiet", "test"] },
];

const ROOT = new URL("..", import.meta.url);

/** Runs the steps and returns the names of those that failed. */
export async function runSteps(steps: readonly Step[] = STEPS): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, args } of steps) {
    print(`\n${name}`);
    const start = performance.now();
    const { success } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stdin: "null" }).spawn()
      .status;
    print(`${name} ${success ? "passed" : "FAILED"} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
    if (!success) failed.push(name);
  }
  return failed;
}

if (import.meta.main) {
  const failed = await runSteps();
  if (failed.length === 0) print(`\nok: all ${STEPS.length} steps passed`);
  else printError(`\nnot ok: ${failed.join(", ")} failed`);
  Deno.exitCode = failed.length === 0 ? 0 : 1;
}
