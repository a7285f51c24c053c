/** What an answer must be, and whether it is. @module */

import { messageOf } from "../core/errors.ts";
import { isRecord } from "../core/unknownValues.ts";
import { z } from "../core/validation.ts";

const texts = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

// Strict: a misspelt expectation must not be a test that passes whatever happens.
const expectedBehavior = z.strictObject({
  /** The answer is no failure: a status below 400, and a body that reports none. */
  shouldNotFail: z.boolean().optional(),
  /** The error that must not come again; with `shouldNotFail: false` the one that must come. */
  errorType: z.string().min(1).optional(),
  status: z.int().min(100).max(599).optional(),
  /** Fewest files that the answer holds. */
  minimumFiles: z.int().min(0).optional(),
  /** A JSON schema of the answer's body. */
  schema: z.record(z.string(), z.unknown()).optional(),
  /** Texts that the body holds. */
  contains: texts.optional(),
  /** Texts that the body must not hold. */
  excludes: texts.optional(),
  /** Longest time to the answer, in milliseconds. */
  maxDurationMs: z.number().positive().optional(),
}).refine(
  ({ shouldNotFail, ...rest }) =>
    shouldNotFail === true || Object.values(rest).some((value) => value !== undefined),
  { message: "nothing is expected, so nothing would be tested" },
).refine(
  ({ shouldNotFail, status }) => !(shouldNotFail === true && status !== undefined && status >= 400),
  { message: "an answer of this status is a failure, and shouldNotFail allows none" },
);

/** What an answer must be. */
export type ExpectedBehavior = z.infer<typeof expectedBehavior>;

/** An answer of the function that a test calls. */
export interface TestedAnswer {
  /** HTTP status; undefined when none came. */
  status: number | undefined;
  /** The body as text. */
  body: string;
  durationMs: number;
  /** Why no answer came. */
  failure?: string;
}

/** What one expectation came to. */
export interface ExpectationResult {
  expectation: string;
  ok: boolean;
  /** One sentence with what was found. */
  reason: string;
}

/** What a test came to; `error` says that the test itself is wrong. */
export interface TestVerdict {
  status: "passed" | "failed" | "error";
  /** One entry an expectation, those that do not hold first. */
  reasons: ExpectationResult[];
}

type Check = (expected: ExpectedBehavior, answer: TestedAnswer, body: unknown) => ExpectationResult | null;

/** Judges an answer by what was expected; each expectation gets a reason, whether it holds or not. */
export function validateTestResult(answer: TestedAnswer, expected: unknown): TestVerdict {
  const parsed = expectedBehavior.safeParse(expected);
  if (!parsed.success) return wrongTest(z.prettifyError(parsed.error));
  const body = parseBody(answer.body);
  try {
    const reasons = CHECKS.flatMap((check) => check(parsed.data, answer, body) ?? []);
    reasons.sort((one, other) => Number(one.ok) - Number(other.ok));
    return { status: reasons.every(({ ok }) => ok) ? "passed" : "failed", reasons };
  } catch (thrown) {
    return wrongTest(messageOf(thrown));
  }
}

function wrongTest(reason: string): TestVerdict {
  return { status: "error", reasons: [{ expectation: "expected_behavior", ok: false, reason }] };
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const CHECKS: readonly Check[] = [
  function errorType({ errorType, shouldNotFail }, answer, body) {
    if (errorType === undefined) return null;
    const found = errorTypeOf(body);
    const isIt = found?.toLowerCase() === errorType.toLowerCase();
    const mustBe = shouldNotFail === false;
    const what = failureOf(answer, body) ?? "the answer is no failure";
    return result(
      "errorType",
      mustBe ? isIt : !isIt,
      isIt ? `the failure ${errorType} came: ${what}` : `it is not ${errorType}: ${what}`,
    );
  },
  function shouldNotFail({ shouldNotFail }, answer, body) {
    if (shouldNotFail !== true) return null;
    const failure = failureOf(answer, body);
    return result("shouldNotFail", failure === null, failure ?? `answered ${answer.status}`);
  },
  function status({ status }, answer) {
    return status === undefined ? null : result(
      "status",
      answer.status === status,
      `answered ${answer.status ?? answer.failure}, expected ${status}`,
    );
  },
  function minimumFiles({ minimumFiles }, _answer, body) {
    if (minimumFiles === undefined) return null;
    const found = countFiles(body);
    return result("minimumFiles", found >= minimumFiles, `${found} files, expected at least ${minimumFiles}`);
  },
  function schema({ schema }, _answer, body) {
    if (schema === undefined) return null;
    const parsed = z.fromJSONSchema(schema).safeParse(body);
    return result(
      "schema",
      parsed.success,
      parsed.success ? "the body fits" : z.prettifyError(parsed.error).slice(0, 500),
    );
  },
  function contains({ contains }, { body }) {
    if (contains === undefined) return null;
    const missing = [contains].flat().find((text) => !body.includes(text));
    return result(
      "contains",
      missing === undefined,
      missing === undefined ? "all is there" : `${JSON.stringify(missing)} is missing`,
    );
  },
  function excludes({ excludes }, { body }) {
    if (excludes === undefined) return null;
    const present = [excludes].flat().find((text) => body.includes(text));
    return result(
      "excludes",
      present === undefined,
      present === undefined ? "none is there" : `${JSON.stringify(present)} is there`,
    );
  },
  function maxDurationMs({ maxDurationMs }, { durationMs }) {
    return maxDurationMs === undefined ? null : result(
      "maxDurationMs",
      durationMs <= maxDurationMs,
      `took ${Math.round(durationMs)} ms of ${maxDurationMs}`,
    );
  },
];

function result(expectation: string, ok: boolean, reason: string): ExpectationResult {
  return { expectation, ok, reason: reason.slice(0, 1_000) };
}

/** Why an answer is a failure, or null: no answer, a status of 400 or more, or a body that reports one. */
function failureOf({ status, failure, body: text }: TestedAnswer, body: unknown): string | null {
  if (status === undefined) return failure ?? "no answer came";
  if (status >= 400) return `answered ${status}: ${text.slice(0, 300)}`;
  if (!isRecord(body)) return null;
  const reports = body.success === false || body.status === "error" ||
    (body.error !== undefined && body.error !== null);
  return reports ? `answered ${status}, and reports a failure: ${text.slice(0, 300)}` : null;
}

function errorTypeOf(body: unknown): string | undefined {
  if (!isRecord(body)) return undefined;
  const inner = isRecord(body.error) ? body.error : {};
  return [body.error_type, body.errorType, inner.error_type, inner.type, inner.code, body.code]
    .find((value): value is string => typeof value === "string");
}

function countFiles(body: unknown): number {
  if (!isRecord(body)) return 0;
  for (const holder of [body, body.project, body.data, body.result]) {
    if (!isRecord(holder)) continue;
    if (Array.isArray(holder.files)) return holder.files.length;
    if (isRecord(holder.files)) return Object.keys(holder.files).length;
  }
  return 0;
}
