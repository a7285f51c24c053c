/**
 * Tests that keep what broke once from breaking again: what an answer must be, and tests of a project's files.
 *
 * @module
 */

export {
  type ExpectationResult,
  type ExpectedBehavior,
  type TestedAnswer,
  type TestVerdict,
  validateTestResult,
} from "./autoTestGenerator/expectations.ts";
