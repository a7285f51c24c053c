/**
 * Runs the tests: one Postgres for all files, the templates built once, then `deno test` with whatever was
 * asked for, for example `deno task test tests/db --filter grants`.
 *
 * `--server` starts the system's own Postgres with pg_cron for the server ring; `TEST_SERVER_URL` names one that
 * runs already.
 *
 * @module
 */

import { requireDeno } from "./lib/requireDeno.ts";

requireDeno();
// Not a static import: an older Deno would fail on it before it could say what is wrong.
const { runTestProgram } = await import("./lib/testProgram.ts");
Deno.exitCode = await runTestProgram(Deno.args);
