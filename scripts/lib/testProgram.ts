/** The tests from their first line to their last. @module */

import { isHealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { prepareServer, TEST_SERVER_PREPARED, TEST_SERVER_URL } from "../../tests/helpers/serverRing.ts";
import { startTestServer, TEST_POSTGRES_URL } from "../../tests/helpers/testServer.ts";
import { print, printError } from "./print.ts";
import { freshDataDir } from "../stack/dataDir.ts";
import { type PostgresServer, startPostgres } from "../stack/postgres.ts";

const startedAt = performance.now();

function report(message: string): void {
  print(`[${((performance.now() - startedAt) / 1000).toFixed(2)} s] ${message}`);
}

async function runTests(args: string[]): Promise<number> {
  await using cleanUp = new AsyncDisposableStack();
  const server = await startTestServer(report);
  cleanUp.defer(server.stop);
  const ring = args.includes("--server") ? await startRingServer() : undefined;
  if (ring !== undefined) cleanUp.defer(ring.stop);
  const ringUrl = ring?.url() ?? Deno.env.get(TEST_SERVER_URL);
  if (ringUrl) await prepareServer(ringUrl);
  report(
    ringUrl ? "The server ring is prepared." : "The server ring is skipped: no TEST_SERVER_URL, no --server.",
  );

  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", ...testArguments(args)],
    cwd: new URL("../..", import.meta.url),
    env: {
      [TEST_POSTGRES_URL]: server.url,
      ...(ringUrl ? { [TEST_SERVER_URL]: ringUrl, [TEST_SERVER_PREPARED]: "yes" } : {}),
    },
    stdin: "null",
  }).spawn().status;
  report(`The tests ended with code ${code}.`);
  return code;
}

/** The system's Postgres, because the embedded one brings no pg_cron. */
async function startRingServer(): Promise<PostgresServer> {
  const server = await startPostgres({
    dataDir: await freshDataDir(),
    durable: false,
    temporary: true,
    externalUrl: null,
    source: "system",
    settings: { shared_preload_libraries: "pg_cron" },
  });
  report(`Postgres ${server.version} with pg_cron, ${server.source}, is ready on port ${server.port}.`);
  return server;
}

/** Without a path: every test, and the examples in the library's comments. */
function testArguments(args: string[]): string[] {
  const rest = args.filter((argument) => argument !== "--server");
  const named = rest.some((argument) => !argument.startsWith("-"));
  return named ? rest : [...rest, "--doc", "tests/", "supabase/functions/"];
}

/** Runs the tests that the arguments name; returns the exit code. */
export async function runTestProgram(args: string[]): Promise<number> {
  try {
    return await runTests(args);
  } catch (error) {
    if (!isHealingError(error)) throw error;
    printError(`${error.message}${error.hint === undefined ? "" : `\n${error.hint}`}`);
    return 1;
  }
}
