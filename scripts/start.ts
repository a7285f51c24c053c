/** `deno task start`: runs the stack until Ctrl-C and keeps its data. @module */

import { requireDeno } from "./lib/requireDeno.ts";

requireDeno();
// Not a static import: an older Deno would fail on it before it could say what is wrong.
const { runStart } = await import("./stack/startProgram.ts");
Deno.exit(await runStart(Deno.args));
