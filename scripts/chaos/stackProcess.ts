/**
 * The stack of a chaos run in a process of its own, which may be killed: says where it is as JSON, and ends with its
 * standard input.
 *
 * Argument: one JSON object of the options below.
 *
 * @module
 */

import { FUNCTIONS_DIRECTORY, startStack } from "../stack/stack.ts";

/** How to start it. */
export interface StackProcessOptions {
  dataDir: string;
  apiPort: number;
  databaseUrl: string;
  /** Longest life of a function's process. */
  wallClockMs: number;
  /** Longest wait for an answer. */
  requestIdleMs: number;
}

const CHAOS_FUNCTIONS = decodeURIComponent(new URL("./functions", import.meta.url).pathname);
const FIXTURE_FUNCTIONS = decodeURIComponent(
  new URL("../../tests/e2e/fixtures/functions", import.meta.url).pathname,
);

async function program(): Promise<void> {
  const options: StackProcessOptions = JSON.parse(Deno.args[0]!);
  const { wallClockMs, requestIdleMs } = options;
  const encoder = new TextEncoder();
  const stack = await startStack({
    dataDir: options.dataDir,
    apiPort: options.apiPort,
    durable: true,
    externalUrl: options.databaseUrl,
    functionRoots: [FUNCTIONS_DIRECTORY, CHAOS_FUNCTIONS, FIXTURE_FUNCTIONS],
    limits: { wallClockMs, requestIdleMs, drainMs: 3_000 },
    onLog: (line) => Deno.stderr.writeSync(encoder.encode(`${line}\n`)),
  });
  const { url, keys } = stack;
  await Deno.stdout.write(encoder.encode(`${JSON.stringify({ url, keys })}\n`));
  for await (const _ of Deno.stdin.readable) { /* Only its end is of interest. */ }
  await stack.stop();
  Deno.exit(0);
}

if (import.meta.main) await program();
