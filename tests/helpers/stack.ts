/** A whole stack for a test: in memory, on free ports, with the fixture functions, gone at the end. @module */

import process from "node:process";
import { freshDataDir } from "../../scripts/stack/dataDir.ts";
import { type Stack, type StackOptions, startStack } from "../../scripts/stack/stack.ts";
import { waitFor } from "./waiting.ts";

/** The functions that tests call. */
export const FIXTURE_FUNCTIONS = decodeURIComponent(
  new URL("../e2e/fixtures/functions", import.meta.url).pathname,
);

/** A stack, what it has logged, and short ways to call it. */
export interface TestStack extends AsyncDisposable {
  readonly stack: Stack;
  readonly logs: readonly string[];
  /** Calls a function, with the publishable key unless headers say otherwise. */
  call(path: string, init?: RequestInit): Promise<Response>;
  /** Waits until a line has been logged that matches. */
  logged(pattern: RegExp): Promise<void>;
}

/** Starts a stack; nothing runs on a schedule unless the options say so. */
export async function openStack(options: Partial<StackOptions> = {}): Promise<TestStack> {
  const logs: string[] = [];
  const stack = await startStack({
    dataDir: await freshDataDir(),
    durable: false,
    temporary: true,
    schedule: false,
    externalUrl: null,
    functionRoots: [FIXTURE_FUNCTIONS],
    onLog: (line) => logs.push(line),
    ...options,
  });
  return {
    stack,
    logs,
    call: (path, init = {}) =>
      fetch(`${stack.url}/functions/v1/${path}`, {
        ...init,
        headers: init.headers ?? { apikey: stack.keys.publishable },
      }),
    logged: (pattern) =>
      waitFor(
        `a line like ${pattern} in ${JSON.stringify(logs)}`,
        () => logs.some((line) => pattern.test(line)),
      ),
    [Symbol.asyncDispose]: () => stack.stop(),
  };
}

/** True while a process with this number runs; one that has ended and was not yet counted does not. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const state = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  return !/\) [ZX] /.test(state);
}
