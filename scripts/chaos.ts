/**
 * `deno task chaos`: a seeded schedule of faults against a whole stack under load, and what must hold all the same.
 * Ends with 1 when an invariant was broken, and says with which seed it shows again.
 *
 * @module
 */

import { requireDeno } from "./lib/requireDeno.ts";

requireDeno();
// Not a static import: an older Deno would fail on it before it could say what is wrong.
const { runChaosProgram } = await import("./chaos/program.ts");
Deno.exit(await runChaosProgram(Deno.args));
