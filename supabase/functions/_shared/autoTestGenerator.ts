/**
 * Tests that keep what broke once from breaking again: what an answer must be, tests of a project's files, and requests
 * that failed as a file to download.
 *
 * @module
 */

import type { RpcPort } from "./core/ports.ts";
import type { GeneratedTests, GenerateOptions } from "./autoTestGenerator/generate.ts";
import type { SourceFile } from "./autoTestGenerator/project.ts";

export {
  type ExpectationResult,
  type ExpectedBehavior,
  type TestedAnswer,
  type TestVerdict,
  validateTestResult,
} from "./autoTestGenerator/expectations.ts";
export { type FailureTest, renderFailureTests } from "./autoTestGenerator/failureFiles.ts";
// Types alone: a list of types without the word would load the module.
export type {
  FileProbes,
  GeneratedTests,
  GenerateOptions,
  OutcomeRecorder,
} from "./autoTestGenerator/generate.ts";
export type { SourceFile } from "./autoTestGenerator/project.ts";
export type { Outcome, TestFile, TestRunner } from "./autoTestGenerator/render.ts";

/**
 * Makes runnable tests of files: exports are called with safe inputs, components rendered, handlers answered. With a
 * client they are kept in `auto_generated_tests`. What reads the code is loaded by the first call.
 */
export async function generateTestsForFiles(
  files: readonly SourceFile[],
  framework: string,
  projectId: string,
  client?: RpcPort,
  options?: GenerateOptions,
): Promise<GeneratedTests> {
  const { generateTests } = await import("./autoTestGenerator/generate.ts");
  return await generateTests(files, framework, projectId, client, options);
}
