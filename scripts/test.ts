/**
 * Runs the tests: one Postgres for all files, the template built once, then `deno test` with whatever was
 * asked for, for example `deno task test tests/db --filter grants`.
 *
 * @module
 */

import { isHealingError } from "../supabase/functions/_shared/core/errors.ts";
import { startTestServer, TEST_POSTGRES_URL } from "../tests/helpers/testServer.ts";
import { print, printError } from "./lib/print.ts";

const startedAt = performance.now();

function report(message: string): void {
  print(`[${((performance.now() - startedAt) / 1000).toFixed(2)} s] ${message}`);
}

async function runTests(args: string[]): Promise<number> {
  const server = await startTestServer(report);
  try {
    report(`Template of ${server.description} is built.`);
    if (!Deno.env.get("TEST_SERVER_URL")) {
      report("The server ring is skipped: TEST_SERVER_URL names no Postgres 15 with pg_cron.");
    }
    const paths = args.some((argument) => !argument.startsWith("-")) ? [] : ["tests/"];
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--allow-all", ...args, ...paths],
      cwd: new URL("..", import.meta.url),
      env: { [TEST_POSTGRES_URL]: server.url },
      stdin: "null",
    }).spawn().status;
    report(`The tests ended with code ${code}.`);
    return code;
  } finally {
    await server.stop();
    report("Postgres is stopped.");
  }
}

try {
  Deno.exitCode = await runTests(Deno.args);
} catch (error) {
  if (!isHealingError(error)) throw error;
  printError(`${error.message}${error.hint === undefined ? "" : `\n${error.hint}`}`);
  Deno.exitCode = 1;
}
