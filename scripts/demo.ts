/**
 * `deno task demo`: breaks a small project in seven real ways, over HTTP and in its database, and shows how each is
 * healed. Ends with what an admin would ask, and with code 1 when a story did not heal.
 *
 * @module
 */

import { requireDeno } from "./lib/requireDeno.ts";

requireDeno();
// Not a static import: an older Deno would fail on it before it could say what is wrong.
const { runDemo } = await import("./demo/program.ts");
Deno.exitCode = await runDemo(Deno.args);
