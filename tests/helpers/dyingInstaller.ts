/**
 * An installation that dies at its n-th change of a file: `n` comes first, then the tree to install from, then what the
 * program takes. It ends as a killed process does, with nothing cleaned up.
 *
 * @module
 */

import process from "node:process";
import { runInstallProgram } from "../../scripts/install/program.ts";

const [deadly, tree, ...args] = Deno.args;
let count = 0;

/** Kills this process before a change, or in the middle of one. */
function dying<Args extends unknown[], Result>(change: (...args: Args) => Result): (...args: Args) => Result {
  return (...args) => {
    if (++count === Number(deadly)) process.kill(Deno.pid, "SIGKILL");
    return change(...args);
  };
}

// Writing and moving are two changes: between them only the new text stands beside its place.
Deno.writeTextFile = dying(Deno.writeTextFile);
Deno.rename = dying(Deno.rename);
Deno.remove = dying(Deno.remove);
const code = await runInstallProgram(args, tree);
Deno.exit(code);
